// Articles come from the cache, everything else from the network.
const articles = ['/article.html'];

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open('articles').then((cache) => cache.addAll(articles)));
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  event.respondWith(caches.match(event.request).then((cached) => cached ?? fetch(event.request)));
});

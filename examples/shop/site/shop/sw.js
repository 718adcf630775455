// Keeps what does not change in a cache, and a page to show where the network is gone.

const cacheName = 'shop-1';

const precached = [
  '/offline',
  ...['shop.css', 'leaf.svg', 'teapot.svg', 'kettle.svg', 'cup.svg', 'oolong.svg'].map(
    (file) => `https://cdn.shop.test/${file}`,
  ),
];

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(precached)));
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.mode === 'navigate') {
    event.respondWith(fetch(request).catch(() => caches.match('/offline')));
  } else if (new URL(request.url).host === 'cdn.shop.test') {
    event.respondWith(caches.match(request).then((cached) => cached ?? fetch(request)));
  }
});

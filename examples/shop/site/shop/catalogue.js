import { call, money, notify } from './shop.js';

const template = document.querySelector('#product');
const cards = new Map();

function showCount(cart) {
  const badge = document.querySelector('.badge');
  const count = cart.items.reduce((sum, item) => sum + item.quantity, 0);
  badge.textContent = count;
  badge.hidden = count === 0;
}

function showProduct({ sku, name, about, price }) {
  const card = template.content.cloneNode(true).firstElementChild;
  card.setAttribute('aria-label', name);
  card.querySelector('img').src = `https://cdn.shop.test/${sku}.svg`;
  card.querySelector('h2').textContent = name;
  card.querySelector('.about').textContent = about;
  card.querySelector('.price').textContent = money(price, 'USD');
  card.querySelector('button').onclick = async () => {
    const cart = await call('/cart/items', { sku });
    if (cart.error) notify(`${name}: ${cart.error}`);
    else showCount(cart);
  };
  document.querySelector('.grid').append(card);
  cards.set(sku, card);
}

const { products } = await call('/products');
// Before the buttons: the first answer about the cart brings the cookie that names it.
showCount(await call('/cart'));
products.forEach(showProduct);

// The server sends all it has on connection, then every change.
const live = new WebSocket('wss://live.shop.test/stock');
live.onmessage = ({ data }) => {
  const { sku, left } = JSON.parse(data);
  cards.get(sku).querySelector('.stock').textContent = `${left} in stock`;
};

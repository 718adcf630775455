import { call, money, notify, showCart } from './shop.js';

const button = document.querySelector('button');
const done = document.querySelector('.done');

// Sent with every try of one payment, so that a try whose answer was lost is not charged twice.
let idempotencyKey = crypto.randomUUID();

const cart = await call('/cart');
showCart(cart);
button.textContent = `Pay ${money(cart.total, cart.currency)}`;
button.disabled = false;

button.onclick = async () => {
  button.disabled = true;
  notify();
  try {
    const response = await fetch('https://api.pay.test/v1/charges', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
      body: JSON.stringify({ amount: cart.total, currency: cart.currency }),
    });
    const charge = await response.json();
    if (response.ok) return showPaid(charge);
    // The card was not charged: the next try is another payment.
    idempotencyKey = crypto.randomUUID();
    askToRetry(`Your card was declined: ${charge.error}.`);
  } catch {
    askToRetry('The payment service cannot be reached. You have not been charged.');
  }
};

function showPaid({ id }) {
  button.hidden = true;
  done.textContent = `Thank you! Your order is paid (${id}).`;
  done.hidden = false;
}

function askToRetry(reason) {
  notify(reason);
  button.textContent = 'Retry';
  button.disabled = false;
}

// Used by all pages: calls of the API, notices, consent to tracking, the service worker.

const api = 'https://api.shop.test';

/** Calls the API and shows the offline hint where it cannot be reached. */
export async function call(path, body) {
  try {
    const response = await fetch(api + path, {
      credentials: 'include',
      ...(body && {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    });
    return await response.json();
  } catch (error) {
    notify('You seem to be offline: the shop does not answer.');
    throw error;
  }
}

/** Shows a notice, or hides it where there is no text. */
export function notify(text) {
  const notice = document.querySelector('.notice');
  notice.textContent = text ?? '';
  notice.hidden = !text;
}

export function money(cents, currency) {
  return new Intl.NumberFormat('en-US', { style: 'currency', currency }).format(cents / 100);
}

/** Lists what is in the cart. */
export function showCart({ items, total, currency }) {
  document.querySelector('.lines').replaceChildren(
    ...items.map(({ sku, name, quantity, price }) => {
      const line = document.createElement('li');
      const picture = document.createElement('img');
      picture.src = `https://cdn.shop.test/${sku}.svg`;
      picture.alt = '';
      const label = document.createElement('span');
      label.textContent = `${quantity} × ${name}`;
      const sum = document.createElement('span');
      sum.className = 'price';
      sum.textContent = money(price * quantity, currency);
      line.append(picture, label, sum);
      return line;
    }),
  );
  document.querySelector('.total output').textContent = money(total, currency);
}

// Tracking: only after consent, by a beacon that outlives the page.
function track() {
  navigator.sendBeacon('https://tracker.test/collect', JSON.stringify({ page: location.pathname }));
}

function askForConsent() {
  const banner = document.createElement('aside');
  banner.className = 'consent';
  banner.setAttribute('aria-label', 'Consent');
  const question = document.createElement('p');
  question.textContent = 'May we count your visit?';
  banner.append(
    question,
    ...['Accept', 'Decline'].map((answer) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = answer;
      button.onclick = () => {
        localStorage.setItem('consent', answer);
        banner.remove();
        if (answer === 'Accept') track();
      };
      return button;
    }),
  );
  document.body.append(banner);
}

const consent = localStorage.getItem('consent');
if (consent === 'Accept') track();
else if (consent === null) askForConsent();

navigator.serviceWorker.register('/sw.js');

import { call, showCart } from './shop.js';

showCart(await call('/cart'));

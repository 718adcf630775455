import { defineConfig } from '@playwright/test';
import type { WaylayOptions } from 'waylay/playwright';

export default defineConfig<{ waylayOptions: WaylayOptions }>({
  webServer: { command: 'node server.mjs', wait: { stdout: /port (?<CART_PORT>\d+)/ } },
  use: {
    baseURL: 'http://cart.test',
    // Two origins of one server: the browser knows nothing of that.
    waylayOptions: {
      hosts: {
        'cart.test': `127.0.0.1:${process.env.CART_PORT}`,
        'api.cart.test': `127.0.0.1:${process.env.CART_PORT}`,
      },
    },
  },
});

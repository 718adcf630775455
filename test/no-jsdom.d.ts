/** In the place of jsdom's types, which bring those of the DOM. */
export {};

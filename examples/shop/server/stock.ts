/** A product as the API describes it; the price is in cents. */
export interface Product {
  readonly sku: string;
  readonly name: string;
  readonly about: string;
  readonly price: number;
}

export const products: readonly Product[] = [
  { sku: 'teapot', name: 'Ceramic teapot', about: 'Holds 800 ml and pours without a drop.', price: 4200 },
  { sku: 'kettle', name: 'Gooseneck kettle', about: 'A slow, steady stream for the last cup too.', price: 6900 },
  { sku: 'cup', name: 'Tasting cup', about: 'Thin porcelain, 120 ml, for small sips.', price: 1450 },
  { sku: 'oolong', name: 'Spring oolong', about: '100 g of rolled leaves, floral and light.', price: 1280 },
];

/** Pieces of each product that are left; tells its listeners of every change. */
export class Stock {
  readonly #left = new Map(products.map((product) => [product.sku, 100]));
  readonly #listeners = new Set<(sku: string, left: number) => void>();

  /** Takes one piece; false where there is none. */
  take(sku: string): boolean {
    const left = (this.#left.get(sku) ?? 0) - 1;
    if (left < 0) return false;
    this.#left.set(sku, left);
    for (const listener of this.#listeners) listener(sku, left);
    return true;
  }

  /** Tells the listener all that is in stock now, then every change. Returns what ends it. */
  watch(listener: (sku: string, left: number) => void): () => void {
    for (const [sku, left] of this.#left) listener(sku, left);
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/**
 * A promise that knows whether somebody was told of its failure, and whose rejection is never an unhandled one:
 * what nobody listens to is told at the end of the test.
 */
export class ObservedPromise<T> extends Promise<T> {
  /** The class of what is made of it: plain promises. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  #failed = false;
  #observed = false;

  /** The outcome of `work`. */
  static of<T>(work: PromiseLike<T>): ObservedPromise<T> {
    const promise = new ObservedPromise<T>((resolve, reject) => {
      work.then(resolve, reject);
    });
    Promise.prototype.then.call(promise, undefined, () => {
      promise.#failed = true;
    });
    return promise;
  }

  /** It failed, and somebody listened. */
  get failureObserved(): boolean {
    return this.#failed && this.#observed;
  }

  // `await`, `catch` and `finally` of a promise that is no plain one come through here (ECMA-262, section 27.2).
  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  override then<Value = T, Failed = never>(
    onFulfilled?: ((value: T) => Value | PromiseLike<Value>) | null,
    onRejected?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Value | Failed> {
    this.#observed = true;
    return super.then(onFulfilled, onRejected);
  }
}

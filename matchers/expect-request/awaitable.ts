import { ObservedPromise } from './observed-promise.js';

/** An awaitable that begins its wait when it is awaited: by `await`, `then`, `catch` or `finally`. */
export interface Awaitable<Value> extends PromiseLike<Value> {
  /** A promise's `catch`: what it gives, or what the function makes of the failure. */
  catch<Failed = never>(
    onRejected?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Value | Failed>;
  /** A promise's `finally`: what it gives, when the function has been called. */
  finally(onFinally?: (() => void) | null): Promise<Value>;
}

/**
 * The methods of a promise for a wait that begins when one of them is called. What they return, where nobody is there to
 * hear of a failure, fails the test at its end and is no unhandled rejection.
 */
export abstract class Wait<Value> implements Awaitable<Value> {
  /** The promises that were returned, or awaited. */
  readonly #outcomes: ObservedPromise<unknown>[] = [];

  /** Begins the wait, or gives the one that has begun. */
  protected abstract begin(): Promise<Value>;

  /** Somebody was told of a failure. */
  protected get reported(): boolean {
    return this.#outcomes.some(({ failureObserved }) => failureObserved);
  }

  /** An outcome of the wait, whose failure is told where it is listened to, else at the end. */
  protected observe<T>(outcome: PromiseLike<T>): Promise<T> {
    const promise = ObservedPromise.of(outcome);
    this.#outcomes.push(promise);
    return promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: being awaitable is what it is for
  then<Fulfilled = Value, Failed = never>(
    onFulfilled?: ((value: Value) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Fulfilled | Failed> {
    const begun = this.begin();
    if (typeof onRejected !== 'function') return this.observe(begun.then(onFulfilled));
    return this.observe(begun).then(onFulfilled, onRejected);
  }

  catch<Failed = never>(
    onRejected?: ((reason: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Value | Failed> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<Value> {
    return this.observe(this.begin().finally(onFinally));
  }
}

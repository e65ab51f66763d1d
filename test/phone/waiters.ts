/** Those who wait for something to come, each told once. */

export class Waiters<T> {
  private waiting: { test(one: T): boolean; resolve(one: T): void }[] = [];

  /** The next one that passes. Rejects after the time, naming `what`. */
  next(what: string, timeoutMs: number, test: (one: T) => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no ${what} within ${timeoutMs} ms`)), timeoutMs);
      const waiter = {
        test,
        resolve: (one: T) => {
          clearTimeout(timer);
          this.waiting = this.waiting.filter((other) => other !== waiter);
          resolve(one);
        },
      };
      this.waiting.push(waiter);
    });
  }

  /** Something has come: all who wait for such are told. */
  tell(one: T): void {
    for (const waiter of [...this.waiting]) if (waiter.test(one)) waiter.resolve(one);
  }
}

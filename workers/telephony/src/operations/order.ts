/**
 * Operations of a leg in the order in which its call gave them. On the way one may overtake another, and a ringing tone that
 * comes in after the bridge it was ordered before would end the conversation; so each names those before it that are still open.
 */

/** How far an operation is: taken up here, or at work (its media runs, or it is over). */
export type Progress = 'entered' | 'begun';

export interface OperationOrder {
  /** An operation has got this far. */
  reached(op: string, progress: Progress): void;
  /** Resolves when all of them have got this far, or when one of them is not waited for any longer. */
  behind(ops: readonly string[], progress: Progress): Promise<void>;
  /** True when one ordered later was carried out without waiting for this one any longer. */
  overtaken(op: string): boolean;
  /** Forgets an operation. */
  forget(op: string): void;
}

interface Place {
  readonly waiting: Record<Progress, Promise<void>>;
  readonly tell: Record<Progress, () => void>;
}

function gate(): [Promise<void>, () => void] {
  let open: () => void = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return [opened, open];
}

/** `patienceMs`: what is later than this was lost on the way and comes by a retry, when it is worth nothing any more. */
export function createOrder(patienceMs: number): OperationOrder {
  const places = new Map<string, Place>();
  const overtaken = new Set<string>();

  const placeOf = (op: string): Place => {
    const known = places.get(op);
    if (known) return known;
    const [entered, tellEntered] = gate();
    const [begun, tellBegun] = gate();
    const place: Place = { waiting: { entered, begun }, tell: { entered: tellEntered, begun: tellBegun } };
    places.set(op, place);
    return place;
  };

  const until = async (op: string, progress: Progress): Promise<void> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), patienceMs);
    });
    if ((await Promise.race([placeOf(op).waiting[progress], late])) === 'late') overtaken.add(op);
    clearTimeout(timer);
  };

  return {
    reached: (op, progress) => {
      const { tell } = placeOf(op);
      tell.entered();
      if (progress === 'begun') tell.begun();
    },
    behind: async (ops, progress) => {
      await Promise.all(ops.map((op) => until(op, progress)));
    },
    overtaken: (op) => overtaken.has(op),
    forget: (op) => {
      places.delete(op);
      overtaken.delete(op);
    },
  };
}

/**
 * What decides over a leg's sound is carried out in the order in which its call gave it. On the way one may overtake another, and a
 * ringing tone that came in after the bridge it was ordered before would end the conversation. So each names those before it that are open.
 */
import type { EarlierOperation } from '@callwright/contract';

/** How far an operation is: taken up here, or at work (its media runs, or it is over). */
export type Progress = 'entered' | 'begun';

export interface OperationOrder {
  /** An operation has got this far. */
  reached(op: string, progress: Progress): void;
  /**
   * Resolves when everything before it has got this far, or is not waited for any longer; the names of what did not come. With
   * `takesPlace` a background sound before it is not waited for: should it come later it is `overtaken`.
   */
  behind(earlier: readonly EarlierOperation[], progress: Progress, takesPlace: boolean): Promise<readonly string[]>;
  /** True when what was ordered after it has gone ahead of it. */
  overtaken(op: string): boolean;
  /** Forgets an operation that is over. */
  forget(op: string): void;
}

interface Place {
  progress: Progress | null;
  overtaken: boolean;
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

/** How long what has not come is remembered. */
const KEPT_MS = 120_000;

/** `patienceMs`: what is later than this was lost on the way and comes by a retry, when it is worth nothing any more. */
export function createOrder(patienceMs: number): OperationOrder {
  const places = new Map<string, Place>();

  const placeOf = (op: string): Place => {
    const known = places.get(op);
    if (known) return known;
    const [entered, tellEntered] = gate();
    const [begun, tellBegun] = gate();
    const place: Place = {
      progress: null,
      overtaken: false,
      waiting: { entered, begun },
      tell: { entered: tellEntered, begun: tellBegun },
    };
    places.set(op, place);
    return place;
  };

  /** What never comes is forgotten after a while; what does come is forgotten when it is over. */
  const forgetUnlessHere = (op: string): void => {
    setTimeout(() => {
      if (places.get(op)?.progress === null) places.delete(op);
    }, KEPT_MS).unref();
  };

  const until = async (
    { op, kind }: EarlierOperation,
    progress: Progress,
    takesPlace: boolean,
  ): Promise<readonly string[]> => {
    const place = placeOf(op);
    if (place.progress === 'begun' || place.progress === progress) return [];
    if (kind === 'media.background' && takesPlace) {
      place.overtaken = true;
      forgetUnlessHere(op);
      return [];
    }
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), patienceMs);
    });
    const end = await Promise.race([place.waiting[progress], late]);
    clearTimeout(timer);
    if (end !== 'late') return [];
    forgetUnlessHere(op);
    return [op];
  };

  return {
    reached: (op, progress) => {
      const place = placeOf(op);
      place.progress = progress;
      place.tell.entered();
      if (progress === 'begun') place.tell.begun();
    },
    behind: async (earlier, progress, takesPlace) =>
      (await Promise.all(earlier.map((one) => until(one, progress, takesPlace)))).flat(),
    overtaken: (op) => places.get(op)?.overtaken ?? false,
    forget: (op) => {
      places.delete(op);
    },
  };
}

/** Strongly connected components (Tarjan's algorithm, without recursion: a flow may have a thousand nodes in a row). */

interface Visit {
  readonly id: string;
  next: number;
}

/** Groups of nodes that reach each other; a node in no circle is a group of its own. */
export function components(
  ids: readonly string[],
  edges: readonly { readonly from: string; readonly to: string }[],
): string[][] {
  const targets = new Map<string, string[]>(ids.map((id) => [id, []]));
  for (const { from, to } of edges) if (targets.has(to)) targets.get(from)?.push(to);
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const stacked = new Set<string>();
  const groups: string[][] = [];
  const open = (id: string, path: Visit[]): void => {
    order.set(id, order.size);
    low.set(id, order.get(id)!);
    stack.push(id);
    stacked.add(id);
    path.push({ id, next: 0 });
  };
  const close = (id: string): void => {
    if (low.get(id) !== order.get(id)) return;
    const group = stack.splice(stack.indexOf(id));
    for (const member of group) stacked.delete(member);
    groups.push(group);
  };
  for (const root of ids) {
    if (order.has(root)) continue;
    const path: Visit[] = [];
    open(root, path);
    while (path.length > 0) {
      const visit = path.at(-1)!;
      const target = targets.get(visit.id)![visit.next];
      visit.next += 1;
      if (target === undefined) {
        path.pop();
        close(visit.id);
        const parent = path.at(-1);
        if (parent) low.set(parent.id, Math.min(low.get(parent.id)!, low.get(visit.id)!));
      } else if (!order.has(target)) open(target, path);
      else if (stacked.has(target)) low.set(visit.id, Math.min(low.get(visit.id)!, order.get(target)!));
    }
  }
  return groups;
}

/** The key map: one table, from which keys are bound and the on-screen list is made. */

export type Command =
  | 'undo'
  | 'redo'
  | 'copy'
  | 'cut'
  | 'paste'
  | 'duplicate'
  | 'delete'
  | 'selectAll'
  | 'selectNothing'
  | 'selectUpstream'
  | 'selectDownstream'
  | 'selectConnected'
  | 'goLeft'
  | 'goRight'
  | 'goUp'
  | 'goDown'
  | 'moveLeft'
  | 'moveRight'
  | 'moveUp'
  | 'moveDown'
  | 'palette'
  | 'insertAfter'
  | 'edit'
  | 'rename'
  | 'search'
  | 'searchAll'
  | 'zoomIn'
  | 'zoomOut'
  | 'zoomReset'
  | 'fit'
  | 'tidy'
  | 'note'
  | 'group'
  | 'ungroup'
  | 'collapse'
  | 'extract'
  | 'save'
  | 'publish'
  | 'simulate'
  | 'problems'
  | 'help';

export interface KeyBinding {
  readonly command: Command;
  /** As the component library's hotkeys take them; `mod` is Ctrl, or Cmd on a Mac. */
  readonly keys: readonly string[];
  /** Heading in the on-screen list. */
  readonly section: 'edit' | 'select' | 'view' | 'flow';
  /** Bound everywhere on the page, not only on the canvas. */
  readonly everywhere?: boolean;
  /** Also while a field has the keyboard, whose own keys these are not. */
  readonly inFields?: boolean;
  /** The browser's own clipboard events do it. */
  readonly native?: boolean;
}

export const KEY_MAP: readonly KeyBinding[] = [
  { command: 'undo', keys: ['mod+Z'], section: 'edit', everywhere: true },
  { command: 'redo', keys: ['mod+shift+Z', 'mod+Y'], section: 'edit', everywhere: true },
  { command: 'copy', keys: ['mod+C'], section: 'edit', native: true },
  { command: 'cut', keys: ['mod+X'], section: 'edit', native: true },
  { command: 'paste', keys: ['mod+V'], section: 'edit', native: true },
  { command: 'duplicate', keys: ['mod+D'], section: 'edit', everywhere: true },
  { command: 'delete', keys: ['Delete', 'Backspace'], section: 'edit' },
  { command: 'palette', keys: ['Tab'], section: 'edit' },
  { command: 'insertAfter', keys: ['Insert', 'shift+A'], section: 'edit' },
  { command: 'edit', keys: ['Enter'], section: 'edit' },
  { command: 'rename', keys: ['F2'], section: 'edit' },
  { command: 'note', keys: ['shift+S'], section: 'edit' },
  { command: 'group', keys: ['mod+shift+G'], section: 'edit', everywhere: true },
  { command: 'ungroup', keys: ['mod+shift+U'], section: 'edit', everywhere: true },
  { command: 'extract', keys: ['mod+alt+X'], section: 'edit', everywhere: true },
  { command: 'selectAll', keys: ['mod+A'], section: 'select' },
  { command: 'selectNothing', keys: ['Escape'], section: 'select' },
  { command: 'selectUpstream', keys: ['shift+ArrowLeft', 'alt+U'], section: 'select' },
  { command: 'selectDownstream', keys: ['shift+ArrowRight', 'alt+D'], section: 'select' },
  { command: 'selectConnected', keys: ['alt+C'], section: 'select' },
  { command: 'goLeft', keys: ['ArrowLeft'], section: 'select' },
  { command: 'goRight', keys: ['ArrowRight'], section: 'select' },
  { command: 'goUp', keys: ['ArrowUp'], section: 'select' },
  { command: 'goDown', keys: ['ArrowDown'], section: 'select' },
  { command: 'moveLeft', keys: ['mod+ArrowLeft'], section: 'edit' },
  { command: 'moveRight', keys: ['mod+ArrowRight'], section: 'edit' },
  { command: 'moveUp', keys: ['mod+ArrowUp'], section: 'edit' },
  { command: 'moveDown', keys: ['mod+ArrowDown'], section: 'edit' },
  { command: 'zoomIn', keys: ['=', 'shift+[plus]', '[plus]'], section: 'view' },
  { command: 'zoomOut', keys: ['-'], section: 'view' },
  { command: 'zoomReset', keys: ['0'], section: 'view' },
  { command: 'fit', keys: ['1'], section: 'view' },
  { command: 'tidy', keys: ['shift+alt+T'], section: 'view' },
  { command: 'collapse', keys: ['C'], section: 'view' },
  { command: 'search', keys: ['mod+F'], section: 'flow', everywhere: true, inFields: true },
  { command: 'searchAll', keys: ['mod+shift+F'], section: 'flow', everywhere: true, inFields: true },
  { command: 'save', keys: ['mod+S'], section: 'flow', everywhere: true, inFields: true },
  { command: 'publish', keys: ['mod+shift+P'], section: 'flow', everywhere: true, inFields: true },
  { command: 'simulate', keys: ['mod+Enter'], section: 'flow', everywhere: true, inFields: true },
  { command: 'problems', keys: ['shift+P'], section: 'flow' },
  { command: 'help', keys: ['shift+?', 'shift+/'], section: 'flow' },
];

/** Keys as the on-screen list shows them. */
export function shown(keys: string): string[] {
  const mac = /Mac|iPhone|iPad/.test(navigator.userAgent);
  const names: Readonly<Record<string, string>> = {
    mod: mac ? '⌘' : 'Ctrl',
    shift: '⇧',
    alt: mac ? '⌥' : 'Alt',
    ArrowLeft: '←',
    ArrowRight: '→',
    ArrowUp: '↑',
    ArrowDown: '↓',
    '[plus]': '+',
  };
  return keys.split('+').map((key) => names[key] ?? key);
}

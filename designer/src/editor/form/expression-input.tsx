import { BUILT_IN_NAMES, EXPRESSION_FUNCTIONS } from '@callwright/engine';
import {
  autocompletion,
  type CompletionContext,
  type CompletionResult,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { Compartment, EditorState } from '@codemirror/state';
import { EditorView, keymap, placeholder } from '@codemirror/view';
import { Input } from '@mantine/core';
import { useEffect, useId, useRef } from 'react';
import classes from './form.module.css';

export interface ExpressionInputProps {
  readonly id?: string | undefined;
  readonly label?: string | undefined;
  readonly hideLabel?: boolean;
  readonly description?: string | undefined;
  readonly errors?: readonly string[] | undefined;
  readonly required?: boolean | undefined;
  readonly readOnly?: boolean | undefined;
  readonly value: string;
  /** `template`: text with expressions inside `${…}`. */
  readonly mode: 'expression' | 'template';
  /** Names of variables in reach. */
  readonly names: readonly string[];
  readonly onChange: (value: string) => void;
}

const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  caller: ['number', 'name', 'type', 'id'],
  called: ['number', 'name', 'type', 'id'],
};

function completions(
  mode: ExpressionInputProps['mode'],
  names: readonly string[],
  context: CompletionContext,
): CompletionResult | null {
  const before = context.state.sliceDoc(0, context.pos);
  if (mode === 'template' && before.lastIndexOf('${') <= before.lastIndexOf('}')) return null;
  const word = context.matchBefore(/[A-Za-z_][\w.]*/);
  if (!word && !context.explicit) return null;
  const text = word?.text ?? '';
  const dot = text.lastIndexOf('.');
  if (dot >= 0) {
    const members = MEMBERS[text.slice(0, dot)] ?? [];
    return { from: (word?.from ?? 0) + dot + 1, options: members.map((label) => ({ label, type: 'property' })) };
  }
  return {
    from: word?.from ?? context.pos,
    options: [
      ...names.map((label) => ({ label, type: 'variable', boost: 2 })),
      ...BUILT_IN_NAMES.map((label) => ({ label, type: 'constant', boost: 1 })),
      ...[...EXPRESSION_FUNCTIONS].map((label) => ({ label, type: 'function', apply: `${label}(` })),
    ],
  };
}

/** One editor of expressions and templates: completion by Ctrl-Space or while typing; what is wrong stands below. */
export function ExpressionInput(props: ExpressionInputProps) {
  const { label, description, errors, required, value, mode, readOnly = false, hideLabel = false } = props;
  const fallback = useId();
  const id = props.id ?? fallback;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  useEffect(() => {
    if (!host.current) return;
    const editable = new Compartment();
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          history(),
          keymap.of([...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          autocompletion({ override: [(context) => completions(mode, latest.current.names, context)] }),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': latest.current.label ?? '', id }),
          editable.of(EditorState.readOnly.of(readOnly)),
          ...(mode === 'template' ? [] : [placeholder('caller.number == "100"')]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, [mode, readOnly, id]);
  useEffect(() => {
    const now = view.current?.state.doc.toString();
    if (view.current && now !== value)
      view.current.dispatch({ changes: { from: 0, to: now?.length ?? 0, insert: value } });
  }, [value]);
  const problem = errors?.join(' · ');
  return (
    <Input.Wrapper
      label={hideLabel ? undefined : label}
      description={description}
      error={problem}
      withAsterisk={required ?? false}
      labelElement="div"
    >
      <div
        ref={host}
        className={`${classes.code} ${problem ? classes.wrong : ''} ${mode === 'expression' ? classes.mono : ''}`}
      />
    </Input.Wrapper>
  );
}

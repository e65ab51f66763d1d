import { Badge, createTheme, Loader, MantineThemeProvider, Tabs } from '@mantine/core';
import { Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Autosave } from './autosave.ts';
import classes from './editor.module.css';
import { type PanelTab, useDraft, useEditor, useEditorStore } from './editor-store.ts';
import { fetchWhenIdle, late } from './late.tsx';
import { nodeOf } from './model/draft.ts';
import { ProblemList } from './problems/problem-list.tsx';
import { SelectionPanel } from './selection-panel.tsx';

const NodeForm = late(async () => (await import('./form/node-form.tsx')).NodeForm);
const FlowForm = late(async () => (await import('./form/flow-form.tsx')).FlowForm);
const Simulator = late(async () => (await import('./simulate/simulator.tsx')).Simulator);
const DraftCall = late(async () => (await import('./call/draft-call.tsx')).DraftCall);
const FlowTests = late(async () => (await import('./simulate/flow-tests.tsx')).FlowTests);
const Versions = late(async () => (await import('./versions/versions.tsx')).Versions);
/** In the order in which they are likely to be wanted; who goes offline later has them all. */
const LATE_PARTS = [FlowForm, NodeForm, Simulator, FlowTests, Versions, DraftCall];

/** A side panel is narrow: everything in it is a size smaller. */
const SMALL = { defaultProps: { size: 'xs' } };
const PANEL_THEME = createTheme({
  components: Object.fromEntries(
    [
      'Autocomplete',
      'Checkbox',
      'InputWrapper',
      'JsonInput',
      'NumberInput',
      'Select',
      'Switch',
      'TagsInput',
      'Textarea',
      'TextInput',
      'TimeInput',
    ].map((name) => [name, SMALL]),
  ),
});

const TABS: readonly PanelTab[] = ['settings', 'problems', 'simulate', 'call', 'tests', 'versions'];

/** The side panel: settings of what is selected, problems, simulation, calling the draft, tests, versions. */
export function Panel({ autosave }: { readonly autosave: () => Autosave | null }) {
  const { t } = useTranslation('editor');
  const store = useEditorStore();
  const tab = useEditor((state) => state.tab);
  const open = useEditor((state) => state.panelOpen);
  useEffect(() => fetchWhenIdle(LATE_PARTS), []);
  if (!open) return null;
  return (
    <MantineThemeProvider theme={PANEL_THEME}>
      <aside className={classes.panel} data-panel aria-label={t('panel')}>
        <Tabs
          value={tab}
          onChange={(next) => next && store.getState().set({ tab: next as PanelTab })}
          keepMounted={false}
          className={classes.tabs}
        >
          <Tabs.List className={classes.tabList}>
            {TABS.map((one) => (
              <Tabs.Tab
                key={one}
                value={one}
                px={7}
                fz={13}
                rightSection={one === 'problems' ? <ProblemCount /> : null}
              >
                {t(`tabs.${one}`)}
              </Tabs.Tab>
            ))}
          </Tabs.List>
          <Suspense fallback={<Loader m="md" size="sm" />}>
            <Tabs.Panel value="settings" className={classes.page}>
              <Settings />
            </Tabs.Panel>
            <Tabs.Panel value="problems" className={classes.page}>
              <ProblemList />
            </Tabs.Panel>
            <Tabs.Panel value="simulate" className={classes.page}>
              <Simulator />
            </Tabs.Panel>
            <Tabs.Panel value="call" className={classes.page}>
              <DraftCall autosave={autosave} />
            </Tabs.Panel>
            <Tabs.Panel value="tests" className={classes.page}>
              <FlowTests autosave={autosave} />
            </Tabs.Panel>
            <Tabs.Panel value="versions" className={classes.page}>
              <Versions />
            </Tabs.Panel>
          </Suspense>
        </Tabs>
      </aside>
    </MantineThemeProvider>
  );
}

function ProblemCount() {
  const errors = useEditor((state) => state.diagnostics.filter(({ severity }) => severity === 'error').length);
  const all = useEditor((state) => state.diagnostics.length);
  if (all === 0) return null;
  return (
    <Badge size="sm" circle color={errors > 0 ? 'red.8' : 'yellow.5'} autoContrast>
      {all}
    </Badge>
  );
}

function Settings() {
  const selection = useEditor((state) => state.selection);
  const draft = useDraft();
  const only = selection.nodes.length === 1 ? nodeOf(draft, selection.nodes[0]!) : undefined;
  if (only) return <NodeForm key={only.id} node={only} />;
  if (selection.nodes.length > 1 || selection.groups.length > 0 || selection.notes.length > 0)
    return <SelectionPanel />;
  return <FlowForm />;
}

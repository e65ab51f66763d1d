/** How a generated form is laid out: what is mostly asked for first, the rest behind one heading. */
import { Accordion, Fieldset, Stack } from '@mantine/core';
import type { ObjectFieldTemplateProps } from '@rjsf/utils';
import { useTranslation } from 'react-i18next';

/** Fields of a form that stand before `More settings`; all of them when none is named. */
interface LayoutOptions {
  readonly first?: readonly string[];
}

export function ObjectLayout({ title, properties, uiSchema, fieldPathId }: ObjectFieldTemplateProps) {
  const { t } = useTranslation('resources');
  const { first } = (uiSchema?.['ui:options'] ?? {}) as LayoutOptions;
  const shown = properties.filter(({ hidden }) => !hidden);
  const isRoot = fieldPathId.path.length === 0;
  const rest = first ? shown.filter(({ name }) => !first.includes(name)) : [];
  const fields = (
    <Stack gap="sm">
      {(first ? shown.filter(({ name }) => first.includes(name)) : shown).map(({ name, content }) => (
        <div key={name}>{content}</div>
      ))}
      {rest.length > 0 && (
        <Accordion variant="contained" keepMounted order={2}>
          <Accordion.Item value="more">
            <Accordion.Control>{t('moreSettings')}</Accordion.Control>
            <Accordion.Panel>
              <Stack gap="sm">
                {rest.map(({ name, content }) => (
                  <div key={name}>{content}</div>
                ))}
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      )}
    </Stack>
  );
  return isRoot || !title ? fields : <Fieldset legend={title}>{fields}</Fieldset>;
}

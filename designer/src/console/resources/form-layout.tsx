/** How a generated form is laid out: what is mostly asked for first, the rest behind one heading. */
import { Accordion, Card, Fieldset, SimpleGrid, Stack, Text } from '@mantine/core';
import type { ArrayFieldTitleProps, ObjectFieldTemplateProps } from '@rjsf/utils';
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
  // what is repeated stays short: its fields stand beside one another
  if (typeof fieldPathId.path.at(-1) === 'number')
    return (
      <Card withBorder padding="sm">
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" verticalSpacing="xs">
          {shown.map(({ name, content }) => (
            <div key={name}>{content}</div>
          ))}
        </SimpleGrid>
      </Card>
    );
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

/** What a list in a form is called; no heading, since where it stands in the page differs. */
export function ListTitle({ title, fieldPathId }: ArrayFieldTitleProps) {
  return title ? (
    <Text fw={600} size="sm" id={`${fieldPathId.$id}__title`}>
      {title}
    </Text>
  ) : null;
}

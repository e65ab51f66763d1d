/** How the form library lays out objects and lists: compact, one card per item, rarely needed settings folded away. */
import { Accordion, ActionIcon, Button, Group, Input, Stack } from '@mantine/core';
import type {
  ArrayFieldItemTemplateProps,
  ArrayFieldTemplateProps,
  FieldTemplateProps,
  ObjectFieldTemplateProps,
  TemplatesType,
} from '@rjsf/utils';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import type { MouseEventHandler } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './form.module.css';

function ObjectTemplate({ title, properties, uiSchema, fieldPathId }: ObjectFieldTemplateProps) {
  const { t } = useTranslation('editor');
  const { inline, advanced = [] } = (uiSchema?.['ui:options'] ?? {}) as { inline?: boolean; advanced?: string[] };
  const shown = properties.filter(({ hidden }) => !hidden);
  if (inline) {
    return (
      <div id={fieldPathId.$id} className={classes.inline}>
        {shown.map(({ name, content }) => (
          <div key={name}>{content}</div>
        ))}
      </div>
    );
  }
  const rare = shown.filter(({ name }) => advanced.includes(name));
  const usual = shown.filter(({ name }) => !advanced.includes(name));
  const heading = uiSchema?.['ui:title'] ?? title;
  const list = (
    <Stack gap="sm" id={fieldPathId.$id}>
      {usual.map(({ name, content }) => (
        <div key={name}>{content}</div>
      ))}
      {rare.length === 0 ? null : (
        <Accordion variant="contained" chevronPosition="left">
          <Accordion.Item value="rare">
            <Accordion.Control fz="sm" mih={36}>
              {t('more')}
            </Accordion.Control>
            <Accordion.Panel>
              <Stack gap="sm">
                {rare.map(({ name, content }) => (
                  <div key={name}>{content}</div>
                ))}
              </Stack>
            </Accordion.Panel>
          </Accordion.Item>
        </Accordion>
      )}
    </Stack>
  );
  return heading ? (
    <Input.Wrapper label={heading} labelElement="div">
      {list}
    </Input.Wrapper>
  ) : (
    list
  );
}

function ListTemplate({
  title,
  items,
  canAdd,
  onAddClick,
  schema,
  rawErrors,
  readonly,
  disabled,
  fieldPathId,
}: ArrayFieldTemplateProps) {
  const { t } = useTranslation('editor');
  return (
    <Input.Wrapper label={title} description={schema.description} error={rawErrors?.join(' · ')} labelElement="div">
      <Stack gap={6} id={fieldPathId.$id} mt={2}>
        {items}
        {canAdd ? (
          <Group>
            <Button
              size="compact-xs"
              variant="subtle"
              leftSection={<IconPlus size={14} />}
              disabled={readonly || disabled || false}
              onClick={onAddClick}
              aria-label={t('addTo', { list: title })}
            >
              {t('add')}
            </Button>
          </Group>
        ) : null}
      </Stack>
    </Input.Wrapper>
  );
}

interface ItemButtonProps {
  readonly icon: typeof IconTrash;
  readonly label: string;
  readonly color?: string;
  readonly disabled: boolean;
  readonly onClick: MouseEventHandler<HTMLButtonElement> | undefined;
}

function ItemButton({ icon: Icon, label, color = 'gray', disabled, onClick }: ItemButtonProps) {
  return (
    <ActionIcon size="sm" variant="subtle" color={color} aria-label={label} disabled={disabled} onClick={onClick}>
      <Icon size={14} />
    </ActionIcon>
  );
}

function ItemTemplate({ children, buttonsProps, index, readonly, disabled }: ArrayFieldItemTemplateProps) {
  const { t } = useTranslation('editor');
  const { hasMoveUp, hasMoveDown, hasRemove, onMoveUpItem, onMoveDownItem, onRemoveItem } = buttonsProps;
  const place = { place: index + 1 };
  const off = readonly || disabled || false;
  const remove = t('removeItem', place);
  return (
    <div className={classes.item}>
      {children}
      <Group gap={2} justify="flex-end" mt={4}>
        {hasMoveUp || hasMoveDown ? (
          <>
            <ItemButton
              icon={IconArrowUp}
              label={t('moveItemUp', place)}
              disabled={off || !hasMoveUp}
              onClick={onMoveUpItem}
            />
            <ItemButton
              icon={IconArrowDown}
              label={t('moveItemDown', place)}
              disabled={off || !hasMoveDown}
              onClick={onMoveDownItem}
            />
          </>
        ) : null}
        <ItemButton icon={IconTrash} label={remove} color="red" disabled={off || !hasRemove} onClick={onRemoveItem} />
      </Group>
    </div>
  );
}

/** Errors are shown by the fields themselves. */
function Field({ children, hidden }: FieldTemplateProps) {
  return hidden ? <div hidden>{children}</div> : children;
}

export const TEMPLATES: Partial<TemplatesType> = {
  ObjectFieldTemplate: ObjectTemplate,
  ArrayFieldTemplate: ListTemplate,
  ArrayFieldItemTemplate: ItemTemplate,
  FieldTemplate: Field,
};

/** Where an entity is used: flows whose draft or published version names it, and rules that lead to it. */
import { routes } from '@callwright/api-contract';
import { Anchor, Badge, Button, Group, List, Modal, Stack, Text, Title } from '@mantine/core';
import { IconAffiliate } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import type * as z from 'zod';
import { useAsk } from './ask.ts';
import { Awaited } from './page.tsx';

export type UsedType = z.infer<typeof routes.listUses.query.shape.type>;

interface UsesProps {
  readonly type: UsedType;
  /** Id of the entity; of a prompt, its name. */
  readonly entity: string;
}

/** The list itself. */
export function Uses({ type, entity }: UsesProps) {
  const { t } = useTranslation();
  const query = useAsk(routes.listUses, { query: { type, key: entity } });
  const { flows = [], rules = [] } = query.data ?? {};
  return (
    <Awaited query={query}>
      {flows.length + rules.length === 0 ? <Text size="sm">{t('uses.none')}</Text> : null}
      <List spacing={6} size="sm" listStyleType="none">
        {flows.map(({ id, name, title, draft, published }) => (
          <List.Item key={id}>
            <Group gap={6}>
              <Anchor component={Link} to={`/flows/${id}${draft[0] ? `?node=${draft[0]}` : ''}`} underline="always">
                {title || name}
              </Anchor>
              {draft.length > 0 ? (
                <Badge variant="default" tt="none">
                  {t('uses.draft', { count: draft.length })}
                </Badge>
              ) : null}
              {published.length > 0 ? (
                <Badge color="teal.9" tt="none">
                  {t('uses.published', { count: published.length })}
                </Badge>
              ) : null}
            </Group>
          </List.Item>
        ))}
        {rules.map(({ id, name, number }) => (
          <List.Item key={id}>
            <Anchor component={Link} to="/routing-rules" underline="always">
              {t('uses.rule', { name: name || number || id })}
            </Anchor>
            {number && name ? ` (${number})` : ''}
          </List.Item>
        ))}
      </List>
    </Awaited>
  );
}

/** The list under a heading, for drawers and panels. */
export function UsesSection(props: UsesProps) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs" mt="md" component="section" aria-label={t('uses.title')}>
      <Title order={3} size="h5">
        {t('uses.title')}
      </Title>
      <Uses {...props} />
    </Stack>
  );
}

interface UsesDialogProps extends UsesProps {
  readonly name: string;
  readonly onClose: () => void;
}

/** The list in a dialog. */
export function UsesDialog({ name, onClose, ...props }: UsesDialogProps) {
  const { t } = useTranslation();
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('uses.titleOf', { name })}
      closeButtonProps={{ 'aria-label': t('uses.close') }}
    >
      <Uses {...props} />
    </Modal>
  );
}

/** Opens the dialog. */
export function UsesButton({ name, ...props }: UsesProps & { readonly name: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconAffiliate size={14} aria-hidden />}
        aria-label={`${t('uses.button')}: ${name}`}
        onClick={() => setOpen(true)}
      >
        {t('uses.button')}
      </Button>
      {open ? <UsesDialog name={name} {...props} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

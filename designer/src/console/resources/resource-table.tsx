import type { RouteContract } from '@callwright/api-contract';
import { ActionIcon, Anchor, Group, Table, Text } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconEye, IconPencil, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useTell } from '../../app/ask.ts';
import { TableHead } from '../table-head.tsx';
import { Cell } from './cell.tsx';
import { nameOf, type Resource, type Row } from './resource.ts';
import { showSecret } from './secret-dialog.tsx';
import { useWords } from './words.ts';

interface ResourceTableProps {
  readonly resource: Resource;
  readonly rows: readonly Row[];
  /** Null where the reader may not. */
  readonly onOpen: ((row: Row) => void) | null;
  readonly onRemove: ((row: Row) => void) | null;
  /** Puts a row before (-1) or after (1) its neighbour. */
  readonly onMove: ((row: Row, by: 1 | -1) => void) | null;
  /** Shows a row's password. */
  readonly reveal: RouteContract | null;
}

/** Rows with their actions; the first column leads to the row. */
export function ResourceTable({ resource, rows, onOpen, ...actions }: ResourceTableProps) {
  const { t } = useTranslation('resources');
  const words = useWords();
  if (rows.length === 0) return <Text>{t('empty')}</Text>;
  const hasActions = Boolean(onOpen || actions.onRemove || actions.onMove || actions.reveal);
  return (
    <Table.ScrollContainer minWidth={480} type="native" scrollAreaProps={{}}>
      <Table verticalSpacing="xs" highlightOnHover>
        <TableHead columns={resource.columns.map(words.field)} actions={hasActions} />
        <Table.Tbody>
          {rows.map((row, place) => (
            <Table.Tr key={row.id ?? nameOf(resource, row)}>
              {resource.columns.map((name, at) => (
                <Table.Td key={name}>
                  {at === 0 ? (
                    <FirstCell resource={resource} name={name} row={row} onOpen={onOpen} />
                  ) : (
                    <Cell name={name} value={row[name]} hints={resource.fields ?? {}} />
                  )}
                </Table.Td>
              ))}
              {hasActions && (
                <Table.Td>
                  {/* what is there by default has no row of its own to change */}
                  {row.id && (
                    <RowActions
                      name={nameOf(resource, row)}
                      row={row}
                      onOpen={onOpen}
                      {...actions}
                      isFirst={place === 0}
                      isLast={place === rows.length - 1}
                    />
                  )}
                </Table.Td>
              )}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

interface FirstCellProps extends Pick<ResourceTableProps, 'resource' | 'onOpen'> {
  readonly name: string;
  readonly row: Row;
}

function FirstCell({ resource, name, row, onOpen }: FirstCellProps) {
  if (resource.pageOf)
    return (
      <Anchor component={Link} to={resource.pageOf(row)} underline="always">
        <Cell name={name} value={row[name]} />
      </Anchor>
    );
  if (!onOpen || !row.id) return <Cell name={name} value={row[name]} />;
  return (
    <Anchor component="button" type="button" underline="always" ta="left" onClick={() => onOpen(row)}>
      <Cell name={name} value={row[name]} />
    </Anchor>
  );
}

interface RowActionsProps extends Pick<ResourceTableProps, 'onOpen' | 'onRemove' | 'onMove' | 'reveal'> {
  readonly name: string;
  readonly row: Row;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

function RowActions({ name, row, onOpen, onRemove, onMove, reveal, isFirst, isLast }: RowActionsProps) {
  const { t } = useTranslation('resources');
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      {onMove && (
        <>
          <ActionIcon
            variant="default"
            aria-label={t('upNamed', { name })}
            disabled={isFirst}
            onClick={() => onMove(row, -1)}
          >
            <IconArrowUp size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="default"
            aria-label={t('downNamed', { name })}
            disabled={isLast}
            onClick={() => onMove(row, 1)}
          >
            <IconArrowDown size={16} aria-hidden />
          </ActionIcon>
        </>
      )}
      {reveal && row.hasSecret === true && <RevealAction route={reveal} row={row} name={name} />}
      {onOpen && (
        <ActionIcon variant="default" aria-label={t('editNamed', { name })} onClick={() => onOpen(row)}>
          <IconPencil size={16} aria-hidden />
        </ActionIcon>
      )}
      {onRemove && (
        <ActionIcon variant="default" aria-label={t('removeNamed', { name })} onClick={() => onRemove(row)}>
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  );
}

interface RevealProps {
  readonly route: RouteContract;
  readonly row: Row;
  readonly name: string;
}

/** Shows a password that is kept; the showing is logged. */
function RevealAction({ route, row, name }: RevealProps) {
  const { t } = useTranslation('resources');
  const show = useTell(route, {
    refresh: ['audit'],
    onSuccess: (answer) =>
      showSecret(name, ...Object.values(answer as object).filter((value) => typeof value === 'string')),
  });
  return (
    <ActionIcon
      variant="default"
      aria-label={t('revealNamed', { name })}
      loading={show.isPending}
      onClick={() => show.mutate({ params: { id: row.id } } as never)}
    >
      <IconEye size={16} aria-hidden />
    </ActionIcon>
  );
}

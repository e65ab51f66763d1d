import { ActionIcon, Anchor, Group, Table, Text } from '@mantine/core';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { TableHead } from '../table-head.tsx';
import { Cell } from './cell.tsx';
import { nameOf, type Resource, type Row } from './resource.ts';
import { useWords } from './words.ts';

interface ResourceTableProps {
  readonly resource: Resource;
  readonly rows: readonly Row[];
  /** Null where the reader may not. */
  readonly onOpen: ((row: Row) => void) | null;
  readonly onRemove: ((row: Row) => void) | null;
}

/** Rows with their actions; the first column leads to the row. */
export function ResourceTable({ resource, rows, onOpen, onRemove }: ResourceTableProps) {
  const { t } = useTranslation('resources');
  const words = useWords();
  if (rows.length === 0) return <Text>{t('empty')}</Text>;
  return (
    <Table.ScrollContainer minWidth={480} type="native" scrollAreaProps={{}}>
      <Table verticalSpacing="xs" highlightOnHover>
        <TableHead columns={resource.columns.map(words.field)} actions={Boolean(onOpen || onRemove)} />
        <Table.Tbody>
          {rows.map((row) => (
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
              {(onOpen || onRemove) && (
                <Table.Td>
                  {/* what is there by default has no row of its own to change */}
                  {row.id && <RowActions name={nameOf(resource, row)} row={row} onOpen={onOpen} onRemove={onRemove} />}
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

interface RowActionsProps extends Pick<ResourceTableProps, 'onOpen' | 'onRemove'> {
  readonly name: string;
  readonly row: Row;
}

function RowActions({ name, row, onOpen, onRemove }: RowActionsProps) {
  const { t } = useTranslation('resources');
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
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

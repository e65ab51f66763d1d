import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export interface TableHeadProps {
  /** As shown, in order; each text once. */
  readonly columns: readonly string[];
  /** A last column holds buttons. */
  readonly actions?: boolean;
}

/** The heading row of a table. */
export function TableHead({ columns, actions = false }: TableHeadProps) {
  const { t } = useTranslation('console');
  return (
    <Table.Thead>
      <Table.Tr>
        {columns.map((text) => (
          <Table.Th key={text} scope="col">
            {text}
          </Table.Th>
        ))}
        {actions && (
          <Table.Th scope="col" ta="right">
            {t('actions')}
          </Table.Th>
        )}
      </Table.Tr>
    </Table.Thead>
  );
}

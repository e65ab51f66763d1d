import type { PartnerContractView } from '@callwright/api-contract';
import { Stack, Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { TableHead } from '../table-head.tsx';

type Row = z.infer<typeof PartnerContractView>['rows'][number];

/** Every row of a contract: served whole, in part, or not, and why. */
export function ContractRows({ rows }: { readonly rows: readonly Row[] }) {
  const { t } = useTranslation('admin');
  const state = ({ lacks }: Row) => t(`partnerModule.states.${lacks?.state ?? 'whole'}`);
  return (
    <Stack>
      <Text size="sm">
        {t('partnerModule.servedAbout', {
          whole: rows.filter(({ lacks }) => lacks === null).length,
          count: rows.length,
        })}
      </Text>
      <Table.ScrollContainer minWidth={560}>
        <Table>
          <TableHead columns={['row', 'what', 'state'].map((name) => t(`partnerModule.${name}`))} />
          <Table.Tbody>
            {rows.map((row) => (
              <Table.Tr key={row.id}>
                <Table.Td>{row.id}</Table.Td>
                <Table.Td>{row.title}</Table.Td>
                <Table.Td>
                  {state(row)}
                  {row.lacks && (
                    <Text size="sm" lang="en">
                      {row.lacks.why}
                    </Text>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

import { routes } from '@callwright/api-contract';
import { Table, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useAskList } from '../../app/ask.ts';
import { More } from '../../app/more.tsx';
import { Awaited, Page } from '../../app/page.tsx';
import { localTime } from '../resources/cell.tsx';
import { useChoices } from '../resources/choices.ts';
import { TableHead } from '../table-head.tsx';

/** Who did what, newest first. */
export function AuditPage() {
  const { t, i18n } = useTranslation('console');
  const query = useAskList(routes.listAudit);
  const people = [...useChoices('accounts'), ...useChoices('api-keys')];
  const nameOf = (id: string) => people.find(({ value }) => value === id)?.label ?? id.slice(-8);
  return (
    <Page title={t('audit.title')} about={t('audit.about')}>
      <Awaited query={query}>
        {query.items.length === 0 && <Text>{t('audit.empty')}</Text>}
        <Table.ScrollContainer minWidth={560} type="native">
          <Table aria-label={t('audit.title')}>
            <TableHead columns={['at', 'actor', 'action', 'entity', 'detail'].map((key) => t(`audit.${key}`))} />
            <Table.Tbody>
              {query.items.map((line) => (
                <Table.Tr key={line.id}>
                  <Table.Td>{localTime(line.at, i18n.language)}</Table.Td>
                  <Table.Td>{nameOf(line.actor.id)}</Table.Td>
                  <Table.Td ff="monospace">{line.action}</Table.Td>
                  <Table.Td>{line.entity ? `${line.entity.type} ${line.entity.id.slice(-8)}` : '–'}</Table.Td>
                  <Table.Td style={{ overflowWrap: 'anywhere' }}>{detailText(line.detail)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
        <More query={query} />
      </Awaited>
    </Page>
  );
}

const detailText = (detail: unknown): string => {
  const text = JSON.stringify(detail ?? {});
  return text === '{}' ? '–' : text;
};

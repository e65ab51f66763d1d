/** What else belongs to a user: his calls, his lists of callers, the directory service of his phones. */
import { routes } from '@callwright/api-contract';
import { Anchor, Group, List, Stack, Table, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useAsk, useAskList } from '../../app/ask.ts';
import { useCompanyId } from '../../app/company.tsx';
import { More } from '../../app/more.tsx';
import { Awaited } from '../../app/page.tsx';
import { durationText, partyText } from '../calls/party.ts';
import { localTime } from '../resources/cell.tsx';
import { SettingsCard } from '../resources/settings-card.tsx';
import { useWords } from '../resources/words.ts';
import { RevealButton } from '../system/reveal-button.tsx';
import { TableHead } from '../table-head.tsx';

const FEW = '20';

/** His last calls, also those that only rang. */
export function UserCalls({ id }: { readonly id: string }) {
  const { t, i18n } = useTranslation('admin');
  const words = useWords();
  const query = useAskList(routes.listUserHistory, { params: { id }, query: { limit: FEW } as object });
  return (
    <section aria-labelledby="user-calls">
      <Title order={2} id="user-calls" mb="xs">
        {t('userCalls.title')}
      </Title>
      <Awaited query={query}>
        {query.items.length === 0 ? (
          <Text>{t('userCalls.empty')}</Text>
        ) : (
          <Table.ScrollContainer minWidth={560} type="native">
            <Table verticalSpacing="xs" aria-labelledby="user-calls">
              <TableHead columns={['at', 'way', 'remote', 'result', 'talk'].map((key) => t(`userCalls.${key}`))} />
              <Table.Tbody>
                {query.items.map((leg) => (
                  <Table.Tr key={leg.id}>
                    <Table.Td>
                      <Anchor component={Link} to={`/calls/${leg.callId}`} underline="always">
                        {localTime(leg.startedAt, i18n.language)}
                      </Anchor>
                    </Table.Td>
                    <Table.Td>{t(`userCalls.ways.${leg.way}`)}</Table.Td>
                    <Table.Td>{partyText(leg.remote)}</Table.Td>
                    <Table.Td>{leg.missed ? t('userCalls.missed') : words.value(leg.disposition)}</Table.Td>
                    <Table.Td ff="monospace">{durationText(leg.talkMs)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        )}
        <More query={query} />
      </Awaited>
    </section>
  );
}

/** Lists of callers that count for his calls only. */
export function UserLists({ id }: { readonly id: string }) {
  const { t } = useTranslation('admin');
  const words = useWords();
  const company = useCompanyId();
  const query = useAskList(routes.listCallerLists, {
    query: { limit: '500', ...(company ? { owner: company } : {}) } as object,
  });
  const lists = query.items.filter(({ userId }) => userId === id);
  return (
    <section aria-labelledby="user-lists">
      <Title order={2} id="user-lists">
        {t('userLists.title')}
      </Title>
      <Awaited query={query}>
        {lists.length === 0 ? (
          <Text>
            {t('userLists.empty')}{' '}
            <Anchor component={Link} to="/caller-lists" underline="always">
              {t('userLists.make')}
            </Anchor>
          </Text>
        ) : (
          <List>
            {lists.map((list) => (
              <List.Item key={list.id}>
                <Anchor component={Link} to={`/caller-lists/${list.id}`} underline="always">
                  {list.name}
                </Anchor>{' '}
                ({words.value(list.kind)})
              </List.Item>
            ))}
          </List>
        )}
      </Awaited>
    </section>
  );
}

/** The directory service of his phones: his own, else the company’s. */
export function UserLdap({ id }: { readonly id: string }) {
  const { t } = useTranslation('admin');
  const params = { id };
  const query = useAsk(routes.getUserLdapConnection, { params });
  const isOwn = query.data?.userId === id;
  return (
    <section aria-labelledby="user-ldap">
      <Group justify="space-between" maw={640}>
        <Title order={2} id="user-ldap">
          {t('ldap.title')}
        </Title>
        {isOwn && query.data?.hasPassword && (
          <RevealButton route={routes.showUserLdapPassword} params={params} title={t('ldap.title')} />
        )}
      </Group>
      <Stack gap="xs">
        <Text size="sm">{t(query.data && !isOwn ? 'ldap.ofCompany' : 'ldap.ofUser')}</Text>
        <SettingsCard
          query={query}
          put={routes.putUserLdapConnection}
          {...(isOwn ? { remove: routes.deleteUserLdapConnection } : {})}
          params={params}
          none={t('ldap.none')}
          removeAbout={t('ldap.userRemoveAbout')}
        />
      </Stack>
    </section>
  );
}

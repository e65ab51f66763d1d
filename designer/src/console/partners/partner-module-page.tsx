/** One integration module: what its contract lets be set, how a program gets in, what is served. */
import { routes } from '@callwright/api-contract';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { AnswerOf } from '../../api/client.ts';
import { useAsk } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { EntityPage } from '../resources/entity-page.tsx';
import type { Row } from '../resources/resource.ts';
import { ContractRows } from './contract-rows.tsx';
import { ModuleAccess } from './module-access.tsx';
import { SettingsForm } from './settings-form.tsx';

type Contract = AnswerOf<(typeof routes)['listPartnerContracts']['answer']>['items'][number];

export function PartnerModulePage() {
  const { t } = useTranslation('admin');
  const may = useMay();
  const of = (row: Row, show: (contract: Contract) => ReactNode) => (
    <OfContract name={String(row.contract)}>{show}</OfContract>
  );
  return (
    <EntityPage
      of="partner-modules"
      get={routes.getPartnerModule}
      tabs={[
        {
          key: 'contract',
          label: t('partnerModule.contractTab'),
          panel: (row) =>
            of(row, ({ settings }) => (
              <SettingsForm
                key={JSON.stringify(row.settings)}
                id={row.id}
                schema={settings}
                settings={row.settings as Readonly<Record<string, unknown>>}
                mayChange={may('admin')}
              />
            )),
        },
        {
          key: 'access',
          label: t('partnerModule.accessTab'),
          panel: (row) =>
            of(row, ({ paths, programs }) => <ModuleAccess id={row.id} paths={paths} programs={programs} />),
        },
        {
          key: 'served',
          label: t('partnerModule.servedTab'),
          panel: (row) => of(row, ({ rows }) => <ContractRows rows={rows} />),
        },
      ]}
    />
  );
}

function OfContract({
  name,
  children,
}: {
  readonly name: string;
  readonly children: (contract: Contract) => ReactNode;
}) {
  const query = useAsk(routes.listPartnerContracts);
  const contract = query.data?.items.find((one) => one.name === name);
  return <Awaited query={query}>{contract && children(contract)}</Awaited>;
}

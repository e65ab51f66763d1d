import { routes } from '@callwright/api-contract';
import { Select } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { create } from 'zustand';
import { actOnCompany } from '../api/client.ts';
import { useAskList } from './ask.ts';
import { useSession } from './session.ts';

const KEY = 'callwright.company';

interface ChosenCompany {
  /** Company that pages act on; null = the session's own. */
  readonly id: string | null;
  choose(id: string | null): void;
}

/** Kept for the tab, so that two tabs may show two companies. */
export const useChosenCompany = create<ChosenCompany>((set) => {
  const kept = sessionStorage.getItem(KEY);
  actOnCompany(kept);
  return {
    id: kept,
    choose: (id) => {
      if (id === null) sessionStorage.removeItem(KEY);
      else sessionStorage.setItem(KEY, id);
      actOnCompany(id);
      set({ id });
    },
  };
});

/** Company that the pages act on; null when a reseller or the platform has chosen none. */
export function useCompanyId(): string | null {
  const chosen = useChosenCompany(({ id }) => id);
  const { company } = useSession();
  return chosen ?? company;
}

/** For those above several companies: which one the pages show. */
export function CompanyPicker() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const { ownerKind } = useSession();
  const choose = useChosenCompany((state) => state.choose);
  const companyId = useCompanyId();
  const { items } = useAskList(routes.listOwners, { query: { limit: '500' } }, { enabled: ownerKind !== 'company' });
  if (ownerKind === 'company') return null;
  const companies = items.filter(({ kind }) => kind === 'company');
  return (
    <Select
      aria-label={t('company')}
      placeholder={t('chooseCompany')}
      size="sm"
      maw={200}
      searchable
      allowDeselect={false}
      data={companies.map(({ id, name }) => ({ value: id, label: name }))}
      value={companyId}
      onChange={(id) => {
        choose(id);
        void client.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' && queryKey[0] !== 'theme' });
      }}
    />
  );
}

/** From an empty company to a first call: the company, two people with phones, a flow from a template, a number to dial. */
import { Alert, Anchor, Button, Code, Group, List, Stack, Stepper, Table, Text, TextInput, Title } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useCompanyId } from '../../app/company.tsx';
import { failureText } from '../../app/failure.ts';
import type { Language } from '../../app/i18n.ts';
import { Page } from '../../app/page.tsx';
import { DIALLED, type FirstRun, type MadePhone, type Plan, useFirstRun } from './first-run.ts';

/** People, extensions and the number are proposals that fit an empty company. */
const PLAN: Plan = {
  company: '',
  people: [
    { givenName: '', familyName: '', extension: '301' },
    { givenName: '', familyName: '', extension: '302' },
  ],
  flowTitle: '',
  dialled: '300',
};

export function FirstRunPage() {
  const { t, i18n } = useTranslation('console');
  const companyId = useCompanyId();
  const [plan, setPlan] = useState(PLAN);
  const [step, setStep] = useState(0);
  const run = useFirstRun(companyId, i18n.language as Language);
  const next = (event: FormEvent) => {
    event.preventDefault();
    if (step < 2) setStep(step + 1);
    else run.start({ ...plan, flowTitle: plan.flowTitle || t('start.flowTitle') }, () => setStep(3));
  };
  return (
    <Page title={t('start.title')} about={t('start.about')}>
      <Stepper active={step} size="sm" allowNextStepsSelect={false} onStepClick={(to) => step < 3 && setStep(to)}>
        <Stepper.Step label={t('start.company')}>
          <PartForm onSubmit={next}>
            <CompanyPart plan={plan} onChange={setPlan} />
          </PartForm>
        </Stepper.Step>
        <Stepper.Step label={t('start.people')}>
          <PartForm onSubmit={next} onBack={() => setStep(0)}>
            <PeoplePart plan={plan} onChange={setPlan} />
          </PartForm>
        </Stepper.Step>
        <Stepper.Step label={t('start.flow')}>
          <PartForm onSubmit={next} onBack={() => setStep(1)} last isBusy={run.isBusy}>
            <FlowPart plan={plan} onChange={setPlan} />
            {run.error !== null && (
              <Alert color="red" variant="outline" role="alert">
                {failureText(run.error)}
              </Alert>
            )}
          </PartForm>
        </Stepper.Step>
        <Stepper.Completed>{run.made && <Made made={run.made} dialled={plan.dialled} />}</Stepper.Completed>
      </Stepper>
    </Page>
  );
}

interface PartFormProps {
  readonly onSubmit: (event: FormEvent) => void;
  readonly onBack?: () => void;
  readonly last?: boolean;
  readonly isBusy?: boolean;
  readonly children: React.ReactNode;
}

function PartForm({ onSubmit, onBack, last = false, isBusy = false, children }: PartFormProps) {
  const { t } = useTranslation('console');
  return (
    <form onSubmit={onSubmit}>
      <Stack maw={560} mt="md">
        {children}
        <Group justify="flex-end">
          {onBack && (
            <Button variant="default" onClick={onBack}>
              {t('start.back')}
            </Button>
          )}
          <Button type="submit" loading={isBusy}>
            {t(last ? 'start.make' : 'start.next')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface PartProps {
  readonly plan: Plan;
  readonly onChange: (plan: Plan) => void;
}

function CompanyPart({ plan, onChange }: PartProps) {
  const { t } = useTranslation('console');
  return (
    <>
      <Title order={2}>{t('start.company')}</Title>
      <TextInput
        label={t('start.companyName')}
        description={t('start.companyHelp')}
        maxLength={100}
        value={plan.company}
        onChange={(event) => onChange({ ...plan, company: event.currentTarget.value })}
      />
    </>
  );
}

function PeoplePart({ plan, onChange }: PartProps) {
  const { t } = useTranslation(['console', 'resources']);
  const set = (at: number, change: object) =>
    onChange({ ...plan, people: plan.people.map((person, i) => (i === at ? { ...person, ...change } : person)) });
  return (
    <>
      <Title order={2}>{t('start.people')}</Title>
      {plan.people.map((person, at) => (
        <Group key={at} grow role="group" aria-label={t('start.person', { number: at + 1 })}>
          <TextInput
            label={t('resources:fields.givenName')}
            required
            maxLength={100}
            value={person.givenName}
            onChange={(event) => set(at, { givenName: event.currentTarget.value })}
          />
          <TextInput
            label={t('resources:fields.familyName')}
            maxLength={100}
            value={person.familyName}
            onChange={(event) => set(at, { familyName: event.currentTarget.value })}
          />
          <TextInput
            label={t('resources:fields.extension')}
            required
            pattern="[0-9]{1,10}"
            inputMode="numeric"
            value={person.extension}
            onChange={(event) => set(at, { extension: event.currentTarget.value })}
          />
        </Group>
      ))}
    </>
  );
}

function FlowPart({ plan, onChange }: PartProps) {
  const { t } = useTranslation('console');
  return (
    <>
      <Title order={2}>{t('start.flow')}</Title>
      <Text>{t('start.flowAbout')}</Text>
      <TextInput
        label={t('start.flowName')}
        maxLength={60}
        placeholder={t('start.flowTitle')}
        value={plan.flowTitle}
        onChange={(event) => onChange({ ...plan, flowTitle: event.currentTarget.value })}
      />
      <TextInput
        label={t('start.dialled')}
        required
        pattern={DIALLED}
        inputMode="tel"
        value={plan.dialled}
        onChange={(event) => onChange({ ...plan, dialled: event.currentTarget.value })}
      />
    </>
  );
}

function Made({ made, dialled }: { readonly made: FirstRun; readonly dialled: string }) {
  const { t } = useTranslation('console');
  return (
    <Stack mt="md">
      <Title order={2}>{t('start.done')}</Title>
      <Phones phones={made.phones} />
      <List type="ordered">
        <List.Item>{t('start.register')}</List.Item>
        <List.Item>{t('start.call', { dialled })}</List.Item>
        <List.Item>{t('start.press')}</List.Item>
      </List>
      <Group>
        <Anchor component={Link} to="/live">
          {t('start.watch')}
        </Anchor>
        <Anchor component={Link} to={`/flows/${made.flowId}`}>
          {t('start.change')}
        </Anchor>
      </Group>
    </Stack>
  );
}

function Phones({ phones }: { readonly phones: readonly MadePhone[] }) {
  const { t } = useTranslation('console');
  return (
    <Table.ScrollContainer minWidth={420} type="native">
      <Table aria-label={t('start.phones')}>
        <Table.Thead>
          <Table.Tr>
            {['who', 'extension', 'logIn', 'password'].map((key) => (
              <Table.Th key={key} scope="col">
                {t(`start.${key}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {phones.map((phone) => (
            <Table.Tr key={phone.extension}>
              <Table.Td>{phone.name}</Table.Td>
              <Table.Td>{phone.extension}</Table.Td>
              <Table.Td>
                <Code>{phone.username}</Code>
              </Table.Td>
              <Table.Td>
                <Code>{phone.password}</Code>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

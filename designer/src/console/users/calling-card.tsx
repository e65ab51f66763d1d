/** How a user is reached: four kinds of forwarding, follow-me, refusals and screening. */
import { routes, type UserCallingSettings } from '@callwright/api-contract';
import { Button, Card, Fieldset, Group, NumberInput, Stack, Switch, Text, Title } from '@mantine/core';
import { type ComponentType, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import { useAsk, useTell } from '../../app/ask.ts';
import { Awaited } from '../../app/page.tsx';
import { useMay } from '../../app/session.ts';
import { DestinationInput, type DestinationValue } from '../resources/form-fields.tsx';
import { FollowMeFields, isWholeFollowMe } from './follow-me-fields.tsx';

type Calling = z.infer<typeof UserCallingSettings>;
/** What a user may change of himself. */
type OwnCalling = Omit<Calling, 'keysDenied'>;
/** A field that asks where a call is led. */
export type DestinationField = ComponentType<{
  readonly label: string;
  readonly value: DestinationValue | null;
  readonly onChange: (value: DestinationValue | null) => void;
  /** Kinds to choose from; all that there are when absent. */
  readonly types?: readonly string[];
}>;
type Forwarding = Calling['forwarding'];
type Kind = keyof Forwarding;
type Rule = NonNullable<Forwarding['noAnswer']>;

const KINDS = ['always', 'busy', 'noAnswer', 'unreachable'] as const satisfies readonly Kind[];
const RINGING_MS = 20_000;
const SECOND_MS = 1000;

export function CallingCard({ userId }: { readonly userId: string }) {
  const { t } = useTranslation(['console', 'resources']);
  const may = useMay();
  const query = useAsk(routes.getUserCalling, { params: { id: userId } });
  const put = useTell(routes.putUserCalling, { done: t('resources:saved') });
  return (
    <section aria-labelledby="calling">
      <Title order={2} id="calling">
        {t('user.calling')}
      </Title>
      <Text size="sm" mb="xs">
        {t('user.callingAbout')}
      </Text>
      <Awaited query={query}>
        {query.data && (
          <CallingForm
            key={JSON.stringify(query.data)}
            kept={query.data}
            destination={DestinationInput}
            saving={put.isPending}
            {...(may('directory')
              ? { onSave: (body: Calling) => put.mutate({ params: { id: userId }, body }) }
              : undefined)}
          />
        )}
      </Awaited>
    </section>
  );
}

interface CallingFormProps<C extends OwnCalling> {
  readonly kept: C;
  /** How a destination is asked for; who may see the whole directory chooses from more. */
  readonly destination: DestinationField;
  readonly saving: boolean;
  /** Without it nothing can be changed. */
  readonly onSave?: (calling: C) => void;
}

/** Forwarding, follow-me, refusals and screening of a user, by whoever sets them. */
export function CallingForm<C extends OwnCalling>({ kept, destination, saving, onSave }: CallingFormProps<C>) {
  const { t } = useTranslation(['console', 'resources']);
  const [calling, setCalling] = useState(kept);
  const { forwarding } = calling;
  const set = (kind: Kind, rule: Rule | null) =>
    setCalling({ ...calling, forwarding: { ...forwarding, [kind]: ruleFor(kind, rule) } });
  const flag = (name: 'rejectAnonymous' | 'screening' | 'screeningName') => (
    <Switch
      label={t(`user.${name}`)}
      checked={calling[name]}
      onChange={(event) => setCalling({ ...calling, [name]: event.currentTarget.checked })}
    />
  );
  const isWhole = KINDS.every((kind) => forwarding[kind]?.destination.id !== '') && isWholeFollowMe(calling.followMe);
  return (
    <Card withBorder maw={640}>
      <Stack>
        {KINDS.map((kind) => (
          <RuleFields
            key={kind}
            kind={kind}
            rule={forwarding[kind] as Rule | null}
            destination={destination}
            onChange={(rule) => set(kind, rule)}
          />
        ))}
        <FollowMeFields
          followMe={calling.followMe}
          destination={destination}
          onChange={(followMe) => setCalling({ ...calling, followMe })}
        />
        {flag('rejectAnonymous')}
        {flag('screening')}
        {calling.screening && flag('screeningName')}
        {onSave && (
          <Group justify="flex-end">
            <Button disabled={!isWhole} loading={saving} onClick={() => onSave(calling)}>
              {t('resources:save')}
            </Button>
          </Group>
        )}
      </Stack>
    </Card>
  );
}

/** Only one kind of rule waits before it applies. */
function ruleFor(kind: Kind, rule: Rule | null): object | null {
  if (!rule || kind === 'noAnswer') return rule;
  const { afterMs: _afterMs, ...rest } = rule;
  return rest;
}

interface RuleFieldsProps {
  readonly kind: Kind;
  readonly rule: Rule | null;
  readonly destination: DestinationField;
  readonly onChange: (rule: Rule | null) => void;
}

function RuleFields({ kind, rule, destination: Destination, onChange }: RuleFieldsProps) {
  const { t } = useTranslation(['console', 'resources']);
  return (
    <Fieldset legend={t(`user.forward.${kind}`)}>
      <Destination
        label={t('resources:fields.destination')}
        value={rule?.destination ?? null}
        onChange={(destination) =>
          onChange(destination ? { enabled: true, shown: 'caller', afterMs: RINGING_MS, ...rule, destination } : null)
        }
      />
      {rule && (
        <Group mt="xs" align="flex-end">
          <Switch
            label={t('user.enabled')}
            checked={rule.enabled}
            onChange={(event) => onChange({ ...rule, enabled: event.currentTarget.checked })}
          />
          {kind === 'noAnswer' && (
            <NumberInput
              label={t('user.afterSeconds')}
              min={1}
              max={600}
              allowDecimal={false}
              value={rule.afterMs / SECOND_MS}
              onChange={(seconds) => onChange({ ...rule, afterMs: Math.max(1, Number(seconds)) * SECOND_MS })}
            />
          )}
        </Group>
      )}
    </Fieldset>
  );
}

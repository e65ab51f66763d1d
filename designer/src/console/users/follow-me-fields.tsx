/** Where calls ring beside a user's own phones: colleagues and numbers, each after a delay. */
import type { UserCallingSettings } from '@callwright/api-contract';
import { Button, Fieldset, Group, NumberInput, Stack, Switch, Text } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type * as z from 'zod';
import type { DestinationValue } from '../resources/form-fields.tsx';
import type { DestinationField } from './calling-card.tsx';

type FollowMe = z.infer<typeof UserCallingSettings>['followMe'];
type Target = FollowMe['targets'][number];

const SECOND_MS = 1000;
const MOST_TARGETS = 20;
/** Who can be rung: no flows, no queues. */
const TYPES = ['user', 'number'] as const;
const NOBODY: Target = { userId: '', number: null, delayMs: 0, ringMs: 20_000, confirm: true };

const destinationOf = ({ userId, number }: Target): DestinationValue =>
  number === null ? { type: 'user', id: userId ?? '' } : { type: 'number', id: number };

const isNamed = (target: Target): boolean => destinationOf(target).id !== '';

/** True when it can be kept: every target names somebody. */
export const isWholeFollowMe = ({ targets }: FollowMe): boolean => targets.every(isNamed);

interface FollowMeFieldsProps {
  readonly followMe: FollowMe;
  readonly destination: DestinationField;
  readonly onChange: (followMe: FollowMe) => void;
}

export function FollowMeFields({ followMe, destination, onChange }: FollowMeFieldsProps) {
  const { t } = useTranslation(['console', 'resources']);
  const { enabled, targets } = followMe;
  const put = (at: number, target: Target | null) =>
    onChange({ ...followMe, targets: targets.flatMap((one, i) => (i !== at ? [one] : target ? [target] : [])) });
  const add = () => onChange({ ...followMe, enabled: targets.length === 0 || enabled, targets: [...targets, NOBODY] });
  return (
    <Fieldset legend={t('user.followMe')}>
      <Stack gap="xs">
        <Text size="sm">{t('user.followMeAbout')}</Text>
        {targets.length > 0 && (
          <Switch
            label={t('user.enabled')}
            checked={enabled}
            onChange={(event) => onChange({ ...followMe, enabled: event.currentTarget.checked })}
          />
        )}
        {targets.map((target, at) => (
          // their order is all that tells them apart
          <TargetFields
            key={at}
            place={at + 1}
            target={target}
            destination={destination}
            onChange={(one) => put(at, one)}
          />
        ))}
        <Group>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            disabled={targets.length >= MOST_TARGETS}
            onClick={add}
          >
            {t('user.followMeAdd')}
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}

interface TargetFieldsProps {
  /** From 1. */
  readonly place: number;
  readonly target: Target;
  readonly destination: DestinationField;
  readonly onChange: (target: Target | null) => void;
}

function TargetFields({ place, target, destination: Destination, onChange }: TargetFieldsProps) {
  const { t } = useTranslation(['console', 'resources']);
  const name = (value: DestinationValue | null) => {
    const isNumber = value?.type === 'number';
    onChange({ ...target, userId: isNumber ? null : (value?.id ?? ''), number: isNumber ? value.id : null });
  };
  const seconds = (field: 'delayMs' | 'ringMs', least: number) => (
    <NumberInput
      label={t(`user.followMeTarget.${field}`)}
      w={110}
      min={least}
      max={600}
      allowDecimal={false}
      value={target[field] / SECOND_MS}
      onChange={(value) => onChange({ ...target, [field]: Math.max(least, Number(value)) * SECOND_MS })}
    />
  );
  return (
    <Fieldset legend={t('user.followMePlace', { place })}>
      <Stack gap="xs">
        <Destination
          label={t('resources:fields.destination')}
          value={destinationOf(target)}
          types={TYPES}
          onChange={name}
        />
        <Group align="flex-end">
          {seconds('delayMs', 0)}
          {seconds('ringMs', 1)}
          <Switch
            label={t('user.followMeTarget.confirm')}
            checked={target.confirm}
            onChange={(event) => onChange({ ...target, confirm: event.currentTarget.checked })}
          />
        </Group>
        <Group justify="flex-end">
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconTrash size={14} aria-hidden />}
            aria-label={t('user.followMeRemove', { place })}
            onClick={() => onChange(null)}
          >
            {t('resources:remove')}
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}

import { Group, Text } from '@mantine/core';
import type { Brand } from './brand.ts';

/** Logo and name. */
export function BrandMark({ brand }: { readonly brand: Brand }) {
  return (
    <Group gap="xs" wrap="nowrap">
      {brand.logo && <img src={brand.logo} alt="" height={28} />}
      <Text fw={700} size="lg" truncate>
        {brand.name}
      </Text>
    </Group>
  );
}

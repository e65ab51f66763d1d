import { Button, SimpleGrid } from '@mantine/core';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];

interface KeyPadProps {
  readonly label: string;
  readonly onPress: (key: string) => void;
}

/** Twelve keys of a telephone. */
export function KeyPad({ label, onPress }: KeyPadProps) {
  return (
    <SimpleGrid cols={3} spacing={6} maw={220} role="group" aria-label={label}>
      {KEYS.map((key) => (
        <Button key={key} variant="default" px={0} onClick={() => onPress(key)}>
          {key}
        </Button>
      ))}
    </SimpleGrid>
  );
}

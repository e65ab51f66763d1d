import { routes, type Theme } from '@callwright/api-contract';
import { createTheme, type MantineColorsTuple, type MantineThemeOverride } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { call } from '../api/client.ts';
import type { Language } from './i18n.ts';
import { theme as base } from './theme.ts';

/** What the page shows while, and where, no theme says otherwise. */
const OWN_NAME = 'Callwright';

export interface Brand {
  readonly name: string;
  readonly logo: string | null;
  readonly links: NonNullable<Theme['links']>;
  /** One of the theme's texts in a language, else in English; null when the theme has none. */
  text(key: 'logInTitle' | 'logInText' | 'footer', language: Language): string | null;
  readonly mantine: MantineThemeOverride;
}

/** Name, logo, colours, links and texts for the host that the browser asked for; no component holds a brand of its own. */
export function useBrand(): Brand {
  const { data } = useQuery({
    queryKey: ['theme'],
    queryFn: () => call(routes.getTheme),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return brandOf(data ?? {});
}

/** A theme with what it leaves out. */
export function brandOf(theme: Theme): Brand {
  return {
    name: theme.name ?? OWN_NAME,
    logo: theme.logo ?? null,
    links: theme.links ?? [],
    text: (key, language) => theme[key]?.[language] ?? theme[key]?.en ?? null,
    mantine: theme.colour
      ? createTheme({ ...base, primaryColor: 'brand', colors: { brand: shadesOf(theme.colour) } })
      : base,
  };
}

/** Share of white (above 0) or black (below) in each of the ten shades; the sixth is the colour itself. */
const MIX = [0.92, 0.82, 0.66, 0.48, 0.3, 0.14, 0, -0.12, -0.26, -0.4] as const;

/** Ten shades from the lightest to the darkest of a colour `#rrggbb`. */
export function shadesOf(colour: string): MantineColorsTuple {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const shade = (mix: number): string =>
    `#${channels
      .map((c) => Math.round(mix >= 0 ? c + (255 - c) * mix : c * (1 + mix)))
      .map((c) => c.toString(16).padStart(2, '0'))
      .join('')}`;
  return MIX.map(shade) as unknown as MantineColorsTuple;
}

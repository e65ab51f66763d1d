import {
  Anchor,
  Badge,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  Modal,
  Notification,
  TableScrollContainer,
} from '@mantine/core';
import i18next from 'i18next';

/** Sizes and fonts of the component library; name, logo and colours of an installation come from its settings. */
export const theme = createTheme({
  primaryColor: 'indigo',
  // white text on the lighter default shade falls short of 4.5 : 1 (WCAG 1.4.3)
  primaryShade: { light: 7, dark: 8 },
  autoContrast: true,
  defaultRadius: 'md',
  components: {
    // a link in a table or text is as large as what is around it
    Anchor: Anchor.extend({ defaultProps: { inherit: true } }),
    // a word cut off in a narrow column says nothing
    Badge: Badge.extend({ defaultProps: { miw: 'max-content' } }),
    // the head of a dialog is no second banner of the page
    Drawer: Drawer.extend({ defaultProps: { attributes: { header: { role: 'presentation' } } } }),
    Notification: Notification.extend({
      defaultProps: {
        closeButtonProps: {
          // asked for whenever one is drawn: the language may have changed
          get 'aria-label'() {
            return i18next.t('app:close');
          },
        },
      },
    }),
    // what is scrolled by a finger is scrolled by the arrow keys too (WCAG 2.1.1)
    TableScrollContainer: TableScrollContainer.extend({ defaultProps: { tabIndex: 0 } }),
    Modal: Modal.extend({ defaultProps: { attributes: { header: { role: 'presentation' } } } }),
  },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
  headings: { sizes: { h1: { fontSize: '1.6rem' }, h2: { fontSize: '1.2rem' }, h3: { fontSize: '1.05rem' } } },
});

/** Muted, placeholder and error texts dark or light enough for 4.5 : 1 also on grey surfaces (WCAG 1.4.3). */
export const readableTexts: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': colors.gray[7],
    '--mantine-color-placeholder': colors.gray[7],
    '--mantine-color-error': colors.red[9],
  },
  dark: {
    '--mantine-color-dimmed': colors.dark[1],
    '--mantine-color-placeholder': colors.dark[1],
    '--mantine-color-error': colors.red[4],
  },
});

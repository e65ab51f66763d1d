/** The demo company's front desk: language, menu, opening hours, sales group, operator. */
import { flow, node, say } from '@callwright/engine';

export default flow('front-desk', {
  title: 'Front desk',
  language: 'en',
  variables: {
    /** Id or unique name of the group that sells. */
    salesGroup: { type: 'string', initial: 'sales' },
    /** Extension of whoever takes what is left. */
    operator: { type: 'string', initial: '101' },
  },
  nodes: {
    start: node('start', { answer: true }, { next: 'choose-language' }),
    'choose-language': node(
      'menu',
      {
        prompts: [
          {
            parts: [
              { type: 'text', text: { en: 'Welcome. For English, press 1.' } },
              { type: 'text', text: { fr: 'Pour le français, tapez 2.' } },
            ],
          },
        ],
        choices: [
          { key: '1', outcome: 'english', label: 'English' },
          { key: '2', outcome: 'french', label: 'Français' },
        ],
        tries: 2,
        noMatchPrompts: [say({ en: 'Sorry, that key has no meaning here.' })],
      },
      { english: 'set-english', french: 'set-french', 'no-input': 'opening-hours', 'no-match': 'opening-hours' },
    ),
    'set-english': node('set', { language: 'en' }, { next: 'opening-hours' }),
    'set-french': node('set', { language: 'fr' }, { next: 'opening-hours' }),
    'opening-hours': node(
      'schedule',
      { calendar: 'opening-hours' },
      { open: 'main-menu', closed: 'closed', holiday: 'holiday', unavailable: 'main-menu' },
    ),
    'main-menu': node(
      'menu',
      {
        prompts: [
          say({
            en: 'For sales, press 1. For the operator, press 0. To hear our opening hours, press 3.',
            fr: 'Pour le service commercial, tapez 1. Pour le standard, tapez 0. Pour connaître nos horaires, tapez 3.',
          }),
        ],
        choices: [
          { key: '1', outcome: 'sales', label: 'Sales' },
          { key: '0', outcome: 'operator', label: 'Operator' },
          { key: '3', outcome: 'hours', label: 'Opening hours' },
        ],
        tries: 3,
        noInputPrompts: [say({ en: 'We did not hear a key.', fr: 'Nous n’avons reçu aucune touche.' })],
        noMatchPrompts: [say({ en: 'That is not one of the choices.', fr: 'Ce choix n’existe pas.' })],
      },
      {
        sales: 'connecting-sales',
        operator: 'connecting-operator',
        hours: 'say-hours',
        'no-input': 'connecting-operator',
        'no-match': 'goodbye',
      },
    ),
    'say-hours': node(
      'play',
      {
        prompts: [
          say({ en: 'We are here every day, around the clock.', fr: 'Nous sommes là tous les jours, à toute heure.' }),
        ],
      },
      { next: 'main-menu-again' },
    ),
    'main-menu-again': node(
      'menu',
      {
        prompts: [
          say({
            en: 'For sales, press 1. For the operator, press 0.',
            fr: 'Pour le service commercial, tapez 1. Pour le standard, tapez 0.',
          }),
        ],
        choices: [
          { key: '1', outcome: 'sales', label: 'Sales' },
          { key: '0', outcome: 'operator', label: 'Operator' },
        ],
      },
      { sales: 'connecting-sales', operator: 'connecting-operator', 'no-input': 'goodbye', 'no-match': 'goodbye' },
    ),
    'connecting-sales': node(
      'play',
      {
        prompts: [
          say({
            en: 'We are connecting you with sales.',
            fr: 'Nous vous mettons en relation avec le service commercial.',
          }),
        ],
      },
      { next: 'sales' },
    ),
    sales: node(
      'ring-group',
      { group: '${salesGroup}', totalRingMs: 60_000, comfort: 'music' },
      {
        completed: 'goodbye',
        busy: 'sales-busy',
        'no-answer': 'sales-busy',
        rejected: 'sales-busy',
        unavailable: 'sales-busy',
        failed: 'sales-busy',
      },
    ),
    'sales-busy': node(
      'play',
      {
        prompts: [
          say({
            en: 'Nobody in sales is free at the moment.',
            fr: 'Personne au service commercial n’est libre pour le moment.',
          }),
        ],
      },
      { next: 'connecting-operator' },
    ),
    'connecting-operator': node(
      'play',
      {
        prompts: [
          say({
            en: 'We are connecting you with the operator.',
            fr: 'Nous vous mettons en relation avec le standard.',
          }),
        ],
      },
      { next: 'operator' },
    ),
    operator: node(
      'dial',
      { to: { type: 'number', number: '${operator}' }, ringTimeoutMs: 30_000, comfort: 'ringback' },
      {
        completed: 'goodbye',
        busy: 'nobody',
        'no-answer': 'nobody',
        rejected: 'nobody',
        unavailable: 'nobody',
        failed: 'nobody',
      },
    ),
    nobody: node(
      'play',
      {
        prompts: [
          say({
            en: 'Nobody can take your call now. Please call again later.',
            fr: 'Personne ne peut vous répondre. Veuillez rappeler plus tard.',
          }),
        ],
      },
      { next: 'goodbye' },
    ),
    closed: node(
      'play',
      {
        prompts: [
          say({
            en: 'We are closed. Please call again during opening hours.',
            fr: 'Nous sommes fermés. Veuillez rappeler aux heures d’ouverture.',
          }),
        ],
      },
      { next: 'goodbye' },
    ),
    holiday: node(
      'play',
      { prompts: [say({ en: 'We are closed for the holiday.', fr: 'Nous sommes fermés pour le jour férié.' })] },
      { next: 'goodbye' },
    ),
    goodbye: node('play', { prompts: [say({ en: 'Goodbye.', fr: 'Au revoir.' })] }, { next: 'end' }),
    end: node('hang-up', {}),
  },
});

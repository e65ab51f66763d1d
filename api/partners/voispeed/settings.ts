/** Settings of an integration module (V-012). */
import * as z from 'zod';
import type { Notice } from '../src/contract.ts';
import { SSN_EVENT, USER_EVENT } from './tables.ts';

const userEvents = Object.keys(USER_EVENT) as [keyof typeof USER_EVENT, ...(keyof typeof USER_EVENT)[]];
const ssnEvents = Object.keys(SSN_EVENT) as [keyof typeof SSN_EVENT, ...(keyof typeof SSN_EVENT)[]];

/** How a setting is called in the console, and what it does: in English, and in French beside it. */
const labels = (title: string, titre: string, about: string | null = null, explication: string | null = null) => ({
  title,
  ...(about === null ? {} : { description: about }),
  translations: { fr: { title: titre, ...(explication === null ? {} : { description: explication }) } },
});

export const Settings = z.strictObject({
  userLevel: z
    .boolean()
    .default(true)
    .meta(
      labels(
        'User integration',
        'Intégration utilisateur',
        'Services and events of extensions',
        'Services et événements des postes',
      ),
    ),
  extendedLevel: z
    .boolean()
    .default(false)
    .meta(
      labels(
        'Extended commands and events (SSN)',
        'Commandes et événements étendus (SSN)',
        'Services and events of all entities',
        'Services et événements de toutes les entités',
      ),
    ),
  commands: z
    .boolean()
    .default(true)
    .meta(labels('Commands enabled', 'Commandes activées', 'The token may be used', 'Le jeton peut être utilisé')),
  extensions: z
    .array(z.string().min(1).max(32))
    .max(5000)
    .nullable()
    .default(null)
    .meta({
      ...labels(
        'Extensions',
        'Postes',
        'Users the module is about; empty: all',
        'Utilisateurs que le module concerne ; vide : tous',
      ),
      choose: 'extensions',
    }),
  notificationUrl: z
    .string()
    .max(2000)
    .default('')
    .meta(
      labels(
        'Notification URL',
        'URL de notification',
        'Where events go, e.g. http://my_server/logger.php; may carry a query',
        'Où vont les événements, p. ex. http://my_server/logger.php ; peut contenir une requête',
      ),
    ),
  userEvents: z
    .array(z.enum(userEvents))
    .default(userEvents)
    .meta(labels('Events of users', 'Événements des utilisateurs')),
  extendedEvents: z.array(z.enum(ssnEvents)).default(ssnEvents).meta(labels('Extended events', 'Événements étendus')),
  extendedEventType: z
    .number()
    .int()
    .min(0)
    .max(99)
    .default(1)
    .meta(
      labels(
        'event_type of extended events',
        'event_type des événements étendus',
        'Events of users are 2',
        'Ceux des utilisateurs valent 2',
      ),
    ),
  licenseId: z
    .string()
    .max(100)
    .default('')
    .meta(
      labels(
        'License',
        'Licence',
        'license_id of script requests and events; empty: the number of the company, and not sent with events',
        'license_id des requêtes de script et des événements ; vide : le numéro de la société, sans envoi avec les événements',
      ),
    ),
  domain: z
    .string()
    .max(200)
    .default('')
    .meta(
      labels(
        'Domain',
        'Domaine',
        'domain of script requests; sent with events when it is set',
        'domain des requêtes de script ; envoyé avec les événements s’il est renseigné',
      ),
    ),
  addressBook: z.boolean().default(true).meta(labels('Address book enabled', 'Carnet d’adresses activé')),
  application: z
    .string()
    .max(60)
    .default('')
    .meta(
      labels(
        'Application name',
        'Nom de l’application',
        'The uc_app_name that contacts must carry; empty: any',
        'Le uc_app_name que doivent porter les contacts ; vide : tous',
      ),
    ),
});
export type Settings = z.infer<typeof Settings>;

/** The extension is one the module is about. */
export const covers = ({ extensions }: Settings, extension: string): boolean =>
  extensions === null || extensions.includes(extension);

/** The event is ticked, its level is on, its extension selected (V-006). */
export function wants(settings: Settings, { level, event, extension }: Notice): boolean {
  if (settings.notificationUrl === '') return false;
  if (level === 'extended')
    return settings.extendedLevel && (settings.extendedEvents as readonly string[]).includes(event);
  if (!(settings.userEvents as readonly string[]).includes(event)) return false;
  // the failure of an extended command is about nobody
  if (extension === null) return settings.extendedLevel;
  return settings.userLevel && covers(settings, extension);
}

/** Sites and departments. */
import * as z from 'zod';
import { Country, Dialled, Label, Uuid } from './fields.ts';
import { resourceRoutes } from './resource.ts';

const line = z.string().max(200);
const site = {
  name: Label,
  street: line,
  postalCode: z.string().max(20),
  city: z.string().max(100),
  region: z.string().max(100),
  country: Country,
  location: line.meta({ description: 'Floor, entrance, gate: what a rescuer must know' }),
  emergencyNumber: Dialled.nullable().meta({ description: 'Shown to the emergency service; null: the caller’s own' }),
  main: z.boolean().meta({ description: 'The site of users who have none' }),
};

export const siteRoutes = resourceRoutes({
  one: 'Site',
  many: 'Sites',
  path: '/sites',
  called: ['site', 'sites'],
  view: site,
  write: site,
  defaults: {
    street: site.street.default(''),
    postalCode: site.postalCode.default(''),
    city: site.city.default(''),
    region: site.region.default(''),
    location: site.location.default(''),
    emergencyNumber: Dialled.nullable().default(null),
    main: z.boolean().default(false),
  },
  errors: ['API_NAME_TAKEN'],
});

const department = { name: Label, parentId: Uuid.nullable() };

export const departmentRoutes = resourceRoutes({
  one: 'Department',
  many: 'Departments',
  path: '/departments',
  called: ['department', 'departments'],
  view: department,
  write: department,
  defaults: { parentId: Uuid.nullable().default(null) },
  errors: ['API_NAME_TAKEN', 'API_UNKNOWN_REFERENCE', 'API_DEPARTMENT_LOOP'],
});

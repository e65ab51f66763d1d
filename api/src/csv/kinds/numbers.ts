/** Numbers by what is dialled, with where they lead. */
import { NewNumber } from '@callwright/api-contract';
import { createNumber, listNumbers, updateNumber, uuidv7 } from '@callwright/store';
import { booleanCell, checked, defined, yes } from '../cells.ts';
import type { CsvKind } from '../csv-kind.ts';
import { destinationCell, destinationName } from '../destinations.ts';
import { allPages } from '../export-csv.ts';

export const numbers: CsvKind = {
  columns: ['dialled', 'kind', 'public', 'label', 'destinationType', 'destination'],
  required: ['dialled'],
  save: async (importing, values) => {
    const { db, company } = importing;
    const body = defined({
      dialled: values.dialled,
      kind: values.kind || (values.dialled!.startsWith('+') ? 'did' : 'service'),
      public: booleanCell(values, 'public'),
      label: values.label,
      destination: await destinationCell(importing, values, { type: 'destinationType', name: 'destination' }),
    });
    const whole = checked(NewNumber, body);
    const known = (await listNumbers(db, company, { after: 0, limit: 1, dialled: whole.dialled })).items[0];
    if (!known) {
      await createNumber(db, company, uuidv7(), whole);
      return 'created';
    }
    const { dialled: _dialled, kind: _kind, ...fields } = whole;
    await updateNumber(db, company, known.id, Object.fromEntries(Object.entries(fields).filter(([n]) => n in body)));
    return 'updated';
  },
  rows: async function* (db, company) {
    for await (const n of allPages((after, limit) => listNumbers(db, company, { after, limit })))
      yield [
        n.dialled,
        n.kind,
        yes(n.public),
        n.label,
        n.destination_type,
        await destinationName({ db, company }, n.destination_type, n.destination_id),
      ];
  },
};

/** Time-ordered ids for rows (RFC 9562 §5.7). */
export { v7 as uuidv7 } from 'uuid';

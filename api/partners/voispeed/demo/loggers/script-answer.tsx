/** What our IVR logger answers a responder: nothing, as the sample does, or one of the return actions (V-068). */
import { useState } from 'react';
import { useTexts } from '../language.tsx';
import { Field } from '../session.tsx';

const CRLF = '\r\n';
/** By the code of the action. */
const SAMPLES: Readonly<Record<string, readonly string[]>> = {
  '': [],
  '0': ['command=0'],
  '1': ['command=1', 'node_key=1'],
  '2': ['command=2', 'recipient_number=101'],
  '3': ['command=3', 'recipient_number=101', 'recipient_id=1', 'recipient_type=0'],
  '4': ['command=4', 'input_length=4', 'tag=1'],
};

export function ScriptAnswer({ answer, set }: { readonly answer: string; readonly set: (answer: string) => void }) {
  const texts = useTexts();
  const [action, setAction] = useState('');
  const labels: Readonly<Record<string, string>> = {
    '': texts.answerNone,
    '0': texts.answerEnd,
    '1': texts.answerNext,
    '2': texts.answerNumber,
    '3': texts.answerEntity,
    '4': texts.answerAgain,
  };
  const choose = (next: string): void => {
    setAction(next);
    set(SAMPLES[next]!.join(CRLF));
  };
  return (
    <div className="row">
      <Field label={texts.scriptAnswer}>
        {(id) => (
          <select id={id} value={action} onChange={(event) => choose(event.target.value)}>
            {['', '0', '1', '2', '3', '4'].map((one) => (
              <option key={one} value={one}>
                {labels[one]}
              </option>
            ))}
          </select>
        )}
      </Field>
      {action !== '' && (
        <Field label={texts.answerText}>
          {(id) => (
            <textarea
              id={id}
              rows={4}
              maxLength={1000}
              spellCheck={false}
              value={answer}
              onChange={(event) => set(event.target.value.replace(/\r?\n/g, CRLF))}
            />
          )}
        </Field>
      )}
    </div>
  );
}

import { useRef, useState } from 'react';
import type { ItsmTicketForm } from 'itsm-widgets';
import type {} from 'itsm-widgets/react';

const api = new URLSearchParams(location.search).get('api') ?? '/api/v1';

/** A form whose answers the application knows in part, and whose receipt it shows in its own words. */
export function App() {
  const form = useRef<ItsmTicketForm>(null);
  const [number, setNumber] = useState('');
  return (
    <>
      <h1>Tell us</h1>
      <itsm-ticket-form
        ref={form}
        api={api}
        form="something-is-broken"
        prefill={{ email: 'ada@desk.example' }}
        getToken={() => null}
        onitsm-ticket-delivered={(event) => setNumber(event.detail.number)}
      >
        <p>The form is on its way.</p>
      </itsm-ticket-form>
      <button type="button" onClick={() => form.current?.submit()}>Send from the application</button>
      <p role="status">{number && `Thank you. Your number is ${number}.`}</p>
    </>
  );
}

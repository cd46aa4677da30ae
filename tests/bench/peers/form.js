// Shows a form by `mount` in the page's place, and lets the bench ask for more of them.
export const show = (mount) => {
  window.addForms = (count, place) => {
    for (let at = 0; at < count; at++) mount(place.appendChild(document.createElement('div')));
  };
  addForms(1, document.getElementById('app'));
};

// The one form that every contender shows: eight fields, one of them conditional.
export const TITLE = 'Report a hardware problem';
export const DEVICES = [['laptop', 'Laptop or PC'], ['phone', 'Phone'], ['other', 'Something else']];
export const FIELDS = [
  { id: 'summary', title: 'What is wrong?', kind: 'text', required: true, max: 120 },
  { id: 'device', title: 'Which device?', kind: 'select', required: true },
  { id: 'other_device', title: 'Which one is it?', kind: 'text', required: true, when: (answers) => answers.device === 'other' },
  { id: 'description', title: 'What happened?', kind: 'textarea' },
  { id: 'since', title: 'Since when?', kind: 'date' },
  { id: 'email', title: 'Your e-mail address', kind: 'email', required: true },
  { id: 'phone', title: 'Your phone number', kind: 'tel' },
  { id: 'urgent', title: 'I cannot work', kind: 'checkbox' },
];

// A field as JSON Schema has it.
export const property = ({ title, kind, max }) => ({
  title,
  type: kind === 'checkbox' ? 'boolean' : 'string',
  ...(kind === 'select' && { oneOf: DEVICES.map(([value, title]) => ({ const: value, title })) }),
  ...(kind === 'date' && { format: 'date' }),
  ...(kind === 'email' && { format: 'email' }),
  ...(max && { maxLength: max }),
});

// What is wrong with an answer; empty if nothing is.
export const problem = (field, answers) => {
  if (field.when && !field.when(answers)) return '';
  const value = answers[field.id];
  if (field.required && !value) return 'Please answer this.';
  if (field.max && value?.length > field.max) return `Please write at most ${field.max} characters.`;
  if (field.kind === 'email' && value && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value)) return 'Please write an e-mail address.';
  return '';
};

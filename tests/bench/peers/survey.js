// The one survey that every contender shows: two scales, a follow-up to a low score, and a comment; one question at a time.
export const TITLE = 'How did we do?';
export const QUESTIONS = [
  { id: 'score', title: 'How satisfied are you with the help?', kind: 'scale', from: 1, to: 5, ends: ['Very dissatisfied', 'Very satisfied'] },
  { id: 'why', title: 'What went wrong?', kind: 'text', after: { id: 'score', atMost: 2 } },
  { id: 'recommend', title: 'How likely is it that you would recommend us?', kind: 'scale', from: 0, to: 10, ends: ['Not at all likely', 'Extremely likely'] },
  { id: 'comment', title: 'Is there anything else?', kind: 'text' },
];

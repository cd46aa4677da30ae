// What the complaint is about stands in the address of the page that led here.
const form = document.querySelector('itsm-complaint-form');
const about = new URLSearchParams(location.search);
for (const name of ['ticket', 'service']) if (about.get(name)) form.setAttribute(name, about.get(name));

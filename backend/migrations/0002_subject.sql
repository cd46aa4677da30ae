-- Who submitted it, as the token said: the claim `sub`. NULL for people who were not signed in.
ALTER TABLE ticket ADD COLUMN subject TEXT;

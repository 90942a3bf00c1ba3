#!/bin/sh
# In the place of a client: prints what it is sent.
exec cat

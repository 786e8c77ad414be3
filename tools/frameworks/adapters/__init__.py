"""One adapter per framework, all with PACKAGES and results().

``results`` yields name, call, output and arrays, all in the framework's own order of axes. A
call is evaluated from the text that is stored, so the text cannot say anything else.
"""

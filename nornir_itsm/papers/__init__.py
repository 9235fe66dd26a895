"""Documents as files: the Markdown of the change document as HTML, Word and Excel, and the batch's summary.

Everything is made of the same Markdown, read once into blocks, so that all formats say the same. Text stays
text in each of them: escaped in HTML, never a formula in a workbook, never a field in Word.
"""

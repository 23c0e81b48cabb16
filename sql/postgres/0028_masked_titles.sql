-- Titles of columns, and fields that nobody knows, are kept with the numbers of persons in them masked (`maskTitle`): those that
-- were kept as they came are masked here, wherever eleven digits or more stand, in groups or not.
CREATE OR REPLACE FUNCTION pg_temp.masked(title text) RETURNS text IMMUTABLE LANGUAGE sql AS $$
  SELECT regexp_replace(title, '([0-9０-９]{3})(?:[ 　–—-]{0,3}[0-9０-９]){7,}[ 　–—-]{0,3}[0-9０-９XxＸｘ]', '\1****', 'g')
$$
;
UPDATE batches SET columns = pg_temp.masked(columns::text)::jsonb WHERE pg_temp.masked(columns::text) <> columns::text
;
UPDATE column_mappings SET titles = pg_temp.masked(titles::text)::jsonb, columns = pg_temp.masked(columns::text)::jsonb
WHERE pg_temp.masked(titles::text || columns::text) <> titles::text || columns::text
;
UPDATE uploads SET options = jsonb_set(options, '{columns}', pg_temp.masked(options ->> 'columns')::jsonb)
WHERE pg_temp.masked(options ->> 'columns') <> options ->> 'columns'
;
UPDATE rejected_rows SET faults = (
  SELECT jsonb_agg(jsonb_set(fault, '{path}', to_jsonb(pg_temp.masked(fault ->> 'path'))) ORDER BY n)
  FROM jsonb_array_elements(faults) WITH ORDINALITY AS one(fault, n)
)
WHERE pg_temp.masked(faults::text) <> faults::text

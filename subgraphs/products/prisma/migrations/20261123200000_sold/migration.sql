-- Units that left for orders since the variant was made. What has been shipped so far stands in the movements.
ALTER TABLE stock ADD COLUMN sold integer NOT NULL DEFAULT 0 CHECK (sold >= 0);

UPDATE stock s SET sold = m.sold
  FROM (SELECT variant_id, -sum(delta)::int AS sold FROM stock_movement WHERE order_id IS NOT NULL GROUP BY variant_id) m
 WHERE m.variant_id = s.variant_id;

// What the demo, the scenarios and the bench ask of the graph: the storefront's and the console's operations in short.
const money = '{ amountMinor currency }';
const errors = 'userErrors { code message field }';

const cart = `id version subtotal ${money}
  lines { id quantity unitPrice ${money} lineTotal ${money} variant { id sku title availability product { slug title } } }`;

const order = `id version number status placedAt email
  lines { id sku title quantity unitPrice ${money} lineTotal ${money} variant { id } }
  subtotal ${money} shippingTotal ${money} taxTotal ${money} total ${money}
  payment { id status nextAction { url } authorizedAmount ${money} capturedAmount ${money} refundedAmount ${money} failure { code message } }
  history { status at reason }`;

const mutation = (field: string, selection: string) => {
  const name = `${field[0]?.toUpperCase()}${field.slice(1)}`;
  return `mutation ${name}($input: ${name}Input!) { ${field}(input: $input) { ${selection} ${errors} } }`;
};

export const PRODUCT = `query ProductBySlug($slug: String!) {
  product(slug: $slug) { id slug title vendor availability variants { id sku title price ${money} availability availableQuantity } }
}`;
export const PRODUCTS = `query Products($first: Int!) {
  products(first: $first) { nodes { id slug title vendor availability variants { id sku title price ${money} availableQuantity } } }
}`;

export const CREATE_CART = mutation('createCart', `cart { ${cart} } accessToken`);
export const ADD_CART_LINE = mutation('addCartLine', `cart { ${cart} }`);
export const UPDATE_CART_LINE = mutation('updateCartLine', `cart { ${cart} }`);
export const REMOVE_CART_LINE = mutation('removeCartLine', `cart { ${cart} }`);
export const CART = `query Cart($id: ID!, $accessToken: String) { cart(id: $id, accessToken: $accessToken) { ${cart} } }`;

export const CHECKOUT_QUOTE = `query CheckoutQuote($input: CheckoutQuoteInput!) { checkoutQuote(input: $input) {
  shippingOptions { code label price ${money} estimatedDays } subtotal ${money} shippingTotal ${money} taxTotal ${money} total ${money} ${errors}
} }`;
export const PLACE_ORDER = mutation('placeOrder', `order { ${order} } accessToken replayed`);
export const RETRY_PAYMENT = mutation('retryPayment', `order { ${order} } replayed`);
export const CANCEL_ORDER = mutation('cancelOrder', `order { ${order} } replayed`);
export const ORDER = `query Order($id: ID!, $accessToken: String) { order(id: $id, accessToken: $accessToken) { ${order} } }`;
export const ORDER_STATUS =
  'query OrderStatus($id: ID!, $accessToken: String) { order(id: $id, accessToken: $accessToken) { status } }';
export const ACCOUNT = `query Account { me { id email displayName orders(first: 10) { nodes { ${order} } } cart { ${cart} } } }`;

export const SHIP_ORDER = mutation('shipOrder', `order { ${order} } replayed`);
export const DELIVER_ORDER = mutation('deliverOrder', `order { ${order} } replayed`);
export const REFUND_ORDER = mutation('refundOrder', `order { ${order} } replayed`);

const product = `id version slug title status
  variants { id sku title price ${money} stock { onHand reserved available } }`;
export const CREATE_PRODUCT = mutation('createProduct', `product { ${product} } replayed`);
export const PUBLISH_PRODUCT = mutation('publishProduct', `product { ${product} }`);
export const REPRICE_VARIANT = mutation('repriceVariant', `variant { id price ${money} }`);
export const ADJUST_STOCK = mutation('adjustStock', 'variant { id stock { onHand reserved available } } replayed');
export const STAFF_PRODUCTS = `query StaffProducts($query: String, $first: Int!) {
  staffProducts(query: $query, first: $first) { nodes { ${product} } }
}`;

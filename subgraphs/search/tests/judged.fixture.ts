/** About forty products of a small shop, for judging what stands first: title | maker | kind | collections | tags | words of the description. */
import { type CatalogProduct, collection, product } from './products.ts';

const LINES = `
Harvest Stoneware Mug | Kiln & Coast | Mugs | Kitchen | handmade | Holds 320 ml of tea or coffee.
Quay Teapot | Kiln & Coast | Teapots | Kitchen | stoneware | Pours two mugs without a drip.
Stoneware Dinner Plates | Kiln & Coast | Plates | Kitchen | handmade | Four plates that match the mug of the same clay.
Long Table Wine Glasses | Kiln & Coast | Glassware | Kitchen | wine | Four thin rims for a long evening.
Evening Lowball Pair | Kiln & Coast | Glassware | Kitchen | bar | Two heavy bottoms.
Mug Tree | Ember & Oak | Storage | Kitchen | oak | Holds six mugs by the sink.
Carbon Skillet | Ember & Oak | Cookware | Kitchen | steel | Seasoned twice, good for eggs.
Enameled Soup Pot | Ember & Oak | Cookware | Kitchen | iron | For a slow stew.
Blue Steel Santoku | Hasu Cutlery | Kitchen Knives | Kitchen | sharp | Cuts herbs without bruising.
Paring Knife | Hasu Cutlery | Kitchen Knives | Kitchen | sharp | Small blade.
Cutting Board | Hasu Cutlery | Boards | Kitchen | maple | End grain, kind to knives.
Hand Coffee Grinder | Copperleaf | Coffee Grinders | Coffee | travel | Steel burrs.
Cone Dripper | Copperleaf | Coffee Brewers | Coffee | ceramic | One cup of filter coffee.
Washed Filter Coffee | Northgate Roasters | Coffee | Coffee | single farm | Notes of plum.
Night Decaf | Northgate Roasters | Coffee | Coffee | decaf | For late hours.
Breakfast Tea | Northgate Roasters | Tea | Coffee | loose | Assam in a tin, strong enough for milk in a mug.
Driftline Desk Lamp | Oblique Studio | Lamps | Home | led | An ash arm and a warm light.
Brass Oil Lamp | Oblique Studio | Lamps | Home | brass | Burns lamp oil.
Two Seat Sofa | Oblique Studio | Seating | Home | compact | Washable covers; a lamp fits beside it.
Mantel Clock | Oblique Studio | Clocks | Home | walnut | Silent.
Linen Throw | Loom Street | Throws | Home | flax | For the sofa.
Everyday Cotton Tee | Loom Street | T-Shirts | Clothing | pima | Long staple cotton.
Oxford Shirt | Loom Street | Shirts | Clothing | cotton | Button down.
Field Merino Sweater | Alder & Pine | Sweaters | Clothing | wool | Mid weight.
Selvedge Jean | Alder & Pine | Jeans | Clothing | denim | Thirteen ounces.
Lambswool Scarf | Alder & Pine | Scarves | Clothing | wool | Brushed.
Daily Running Shoe | Evenfoot | Running Shoes | Clothing | sport | Eight millimetres of drop.
Leather Derby | Evenfoot | Shoes | Clothing | formal | Welted.
Ridge Daypack | Cairn Works | Backpacks | Outdoors | travel | A laptop sleeve and 22 litres.
Two Person Tent | Cairn Works | Tents | Outdoors | light | Two doors.
Camp Rope | Cairn Works | Camp | Outdoors | cord | Six millimetres.
City Bicycle | Cairn Works | Bicycles | Outdoors | commute | Eight speeds.
Folding Umbrella | Harrow Leather | Umbrellas | Bags | rain | Fits a handbag.
Everyday Handbag | Harrow Leather | Handbags | Bags | leather | Structured.
Meadow Wireless Headphones | Tern Audio | Headphones | Electronics | bluetooth | Thirty eight hours.
Pocket Speaker | Tern Audio | Speakers | Electronics | bluetooth | Small and loud.
Wooden Train Set | Little Depot | Toys | Kids | beech | Thirty two pieces.
Barnaby Bear | Little Depot | Soft Toys | Kids | plush | Jointed.
Lighthouse Puzzle | Little Depot | Games | Kids | jigsaw | Five hundred pieces.
Heirloom Tomato Seeds | Fallow & Spade | Seeds | Garden | gardener, gift | Old beefsteak tomatoes.
Galvanized Pail | Fallow & Spade | Garden Tools | Garden | steel | Ten litres.
Dot Notebook | Paper Weather | Notebooks | Desk | paper | 192 pages.
`;

export function judgedProducts(): CatalogProduct[] {
  return LINES.trim()
    .split('\n')
    .map((line, index) => {
      const [title = '', vendor = '', productType = '', collections = '', tags = '', words = ''] = line
        .split('|')
        .map((part) => part.trim());
      return product({
        title,
        vendor,
        productType,
        collections: [collection(collections)],
        tags: tags.split(', '),
        descriptionHtml: `<p>${words}</p>`,
        sku: title === 'Two Person Tent' ? 'TNT-2P' : `SKU-${index}`,
        unitsSold: (index * 7) % 40,
        stars: Array.from({ length: index % 6 }, (_, review) => 3 + ((index + review) % 3)),
      });
    });
}

"""What the fictional company is made of: names, towns, topics, and what people write.

Everybody and everything here is invented; `.example` addresses lead nowhere (RFC 2606).
"""

from __future__ import annotations

_FIRST_NAMES = (
    "Camille Léa Manon Chloé Inès Jade Louise Emma Alice Zoé Agathe Hélène Élise Anaïs Noémie "
    "Françoise Monique Nathalie Sylvie Isabelle Céline Aurélie Fatima Aïcha Khadija Amina Mei "
    "Linh Rosa Ana Louis Gabriel Raphaël Jules Adam Lucas Léo Hugo Arthur Nathan Éthan Maël "
    "Théo Noël Joël Loïc Gaël François Jean-Luc Michel Philippe Alain Stéphane Mohamed Karim "
    "Youssef Mamadou Ibrahim Minh Paulo Jean-Baptiste Marie-Claire Anne-Sophie Cédric Jérôme "
    "Benoît Rémi André Gérard Thérèse Odile Solène Maëlys Clémence Victoire Basile Côme"
)
_SURNAMES = (
    "Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel "
    "Lefèvre Leroy Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine "
    "Rousseau Vincent Muller Lefebvre Faure André Mercier Blanc Guérin Boyer Garnier Chevalier "
    "François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry Roussel Mathieu "
    "Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun "
    "Blanchard Giraud Joly Rivière Lucas Brunet Gaillard Barbier Arnaud Martínez Gérard Roche "
    "Renard Schmitt Roy Leroux Colin Vidal Caron Picard Roger Fabre Aubert Lemoine Renaud "
    "Dumas Lacroix Olivier Philippe Bourgeois Pierre Benoît Rey Leclerc Payet Rolland Leclercq "
    "Guillaume Lecomte López Jean Dupuy Guillot Hubert Berger Carpentier Sánchez Dupuis Moulin "
    "Louis Deschamps Huet Vasseur Pérez Boucher Fleury Royer Klein Jacquet Adam Paris Poirier "
    "Marty Aubry Guyot Carré Charles Renault Charpentier Ménard Maillard Baron Bertin Bailly "
    "Hervé Schneider Fernández Le-Gall Collet Léger Bouvier Julien Prévost Millet Perrot Daniel "
    "N’Diaye Diallo Traoré Nguyen Tran Benali Haddad Silva Ferreira Da-Costa D’Amico L’Hôte"
)
FIRST_NAMES, SURNAMES = tuple(_FIRST_NAMES.split()), tuple(_SURNAMES.split())
# Town, the first three digits of its postal code, shops there, weight.
TOWNS: tuple[tuple[str, str, int, int], ...] = (
    ("Paris", "750", 8, 190),
    ("Lyon", "690", 4, 70),
    ("Marseille", "130", 4, 70),
    ("Toulouse", "310", 3, 55),
    ("Nice", "060", 2, 35),
    ("Nantes", "440", 3, 45),
    ("Montpellier", "340", 2, 32),
    ("Strasbourg", "670", 2, 35),
    ("Bordeaux", "330", 3, 50),
    ("Lille", "590", 3, 55),
    ("Rennes", "350", 2, 32),
    ("Reims", "511", 1, 18),
    ("Saint-Étienne", "420", 1, 16),
    ("Toulon", "830", 1, 20),
    ("Grenoble", "380", 2, 24),
    ("Dijon", "210", 1, 18),
    ("Angers", "490", 1, 20),
    ("Nîmes", "300", 1, 14),
    ("Aix-en-Provence", "131", 1, 18),
    ("Clermont-Ferrand", "630", 1, 17),
    ("Le Mans", "720", 1, 12),
    ("Brest", "292", 1, 13),
    ("Tours", "370", 1, 17),
    ("Amiens", "800", 1, 12),
    ("Annecy", "740", 1, 15),
    ("Besançon", "250", 1, 10),
    ("Metz", "570", 1, 12),
    ("Rouen", "760", 1, 18),
    ("Caen", "140", 1, 14),
    ("Orléans", "450", 1, 14),
    ("La Rochelle", "170", 1, 10),
    ("Pau", "640", 1, 9),
    ("Perpignan", "660", 1, 9),
    ("Villeneuve-d’Ascq", "596", 1, 9),
)
MAIL_DOMAINS = tuple(
    f"{name}.example" for name in ("courriel", "boite", "poste-libre", "fil", "monmail", "azur")
)
WORK_DOMAINS = tuple(f"{name}.example" for name in ("atelier-nord", "cabinet-roux", "mairie-sud"))
# Each category: its objects, the cheapest and the dearest, in euros.
CATEGORIES: tuple[tuple[str, tuple[str, ...], float, float], ...] = (
    (
        "Cuisine",
        ("Cocotte", "Poêle", "Planche à découper", "Râpe", "Théière", "Mandoline"),
        9,
        320,
    ),
    ("Table", ("Assiette", "Bol", "Verre à pied", "Carafe", "Nappe", "Couverts"), 3.5, 140),
    ("Linge", ("Drap", "Housse de couette", "Serviette", "Plaid", "Peignoir", "Taie"), 8, 260),
    ("Luminaire", ("Lampe à poser", "Suspension", "Applique", "Lampadaire"), 19, 480),
    ("Mobilier", ("Fauteuil", "Table basse", "Étagère", "Chaise", "Commode", "Lit"), 49, 1890),
    ("Décoration", ("Vase", "Miroir", "Bougie", "Cadre", "Tapis", "Horloge"), 5, 590),
    ("Jardin", ("Arrosoir", "Pot", "Transat", "Brasero", "Guirlande"), 6, 450),
    ("Bureau", ("Lampe d’architecte", "Carnet", "Sous-main", "Caisson", "Plumier"), 4, 380),
)
LINES = ("Ardoise", "Brume", "Sillage", "Colline", "Estran", "Verger", "Minuit", "Faubourg")
MATTERS = ("grès", "lin", "chêne", "laiton", "verre soufflé", "coton lavé", "rotin", '12"')
PRODUCTS = 1_200

TOPICS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "delivery",
        (
            "Ma commande devait arriver mardi et je n’ai toujours rien reçu.",
            "Le livreur a noté « absent » alors que j’étais chez moi toute la journée !",
            "Est-il possible de changer l’adresse de livraison ?",
            "le colis est arrivé ouvert, il manque un article",
        ),
    ),
    (
        "defect",
        (
            "L’article est arrivé fêlé, que dois-je faire ?",
            "Le tissu bouloche dès le premier lavage, je suis très déçue.",
            "la lampe ne s'allume plus au bout de 2 semaines",
            'Il y a une rayure sur le plateau (photo jointe : "IMG_2041.jpg").',
        ),
    ),
    (
        "return",
        (
            "Je voudrais retourner un article acheté en ligne dans votre boutique.",
            "Quand serai-je remboursé ? J’ai renvoyé le colis il y a 10 jours.",
            "l'etiquette de retour ne s'imprime pas",
        ),
    ),
    (
        "stock",
        (
            "Avez-vous encore ce modèle dans une autre boutique ?",
            "Quand ce coloris sera-t-il de nouveau disponible ?",
        ),
    ),
    (
        "account",
        (
            "Je n’arrive plus à me connecter à mon compte.",
            "Mes points de fidélité n’apparaissent pas sur ma carte.",
            "J’ai changé d’adresse e-mail, pouvez-vous corriger ?",
        ),
    ),
    (
        "privacy",
        (
            "Merci de ne plus m’envoyer de messages.",
            "Quelles données avez-vous sur moi ?",
        ),
    ),
    (
        "praise",
        (
            "Je tenais à remercier la vendeuse, elle a été adorable.",
            "Rien à redire : rapide, soigné, parfait. Merci 😊",
        ),
    ),
)
OPENERS = ("Bonjour, ", "Bonjour Madame, Monsieur,\n", "", "Bonsoir ! ", "Bjr, ", "Hello, ")
CLOSERS = ("", "\nCordialement", " Merci d’avance.", "\nBien à vous", " Rappelez-moi svp", " !!!")
MENTIONS: tuple[tuple[str, str], ...] = (
    ("positive", "Nouvelle vaisselle @maisonardoise, je suis fan 😍 #deco"),
    ("positive", "Le brunch du dimanche dans mes bols @maisonardoise ☕️"),
    ("positive", "Conseil au top dans la boutique @maisonardoise, merci !"),
    ("neutral", "Quelqu’un a déjà commandé chez @maisonardoise ? Des avis ?"),
    ("neutral", "Les soldes commencent chez @maisonardoise 👀"),
    ("negative", "Trois semaines de retard @maisonardoise, et personne ne répond…"),
    ("negative", "Encore un e-mail de @maisonardoise. C’est le quatrième cette semaine \\o/"),
    ("negative", 'Assiette "incassable" cassée au premier repas. Bravo @maisonardoise'),
)
NETWORKS = ("instagram", "facebook", "x", "tiktok")
SEARCHES = ("lampe", "drap lin 160", "bol gres", "canapé", "nappe ronde", "tapis", "miroir")
PURPOSES: tuple[tuple[str, str, float], ...] = (  # purpose, channel, share that agrees
    ("marketing", "email", 0.64),
    ("marketing", "sms", 0.41),
    ("measurement", "web", 0.72),
    ("personalisation", "web", 0.47),
)
DOMAIN_SLIPS = (("courriel", "couriel"), ("boite", "bioite"), ("monmail", "monmial"))
NEIGHBOURS = {  # on a French keyboard
    "a": "z", "z": "a", "e": "r", "r": "e", "t": "y", "y": "t", "u": "i", "i": "o", "o": "p",
    "s": "d", "d": "s", "f": "g", "g": "h", "l": "k", "m": "l", "n": "b", "c": "v", "v": "c",
}  # fmt: skip
